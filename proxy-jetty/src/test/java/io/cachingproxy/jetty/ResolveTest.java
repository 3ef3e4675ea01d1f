package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cachingproxy.HttpCache;
import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.ConnectionSettings;
import io.cachingproxy.origin.NameResolver;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.balance.Balance;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.OriginSettings.Check;
import io.cachingproxy.origin.balance.OriginSettings.Server;
import io.cachingproxy.origin.balance.ServerPool;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.rules.StatusRange;
import io.cachingproxy.testkit.Certificates;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Origins whose names are looked up again, at servers that listen on several loopback addresses. */
class ResolveTest {
    private static final Duration EVERY = Duration.ofMillis(20);

    @TempDir
    private Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final AtomicInteger paths = new AtomicInteger();
    private final AtomicInteger lookups = new AtomicInteger();
    private volatile List<String> addresses = List.of("127.0.0.1", "127.0.0.2");
    private volatile boolean unknown;
    private Optional<Check> check = Optional.empty();
    private ConnectionSettings connections = ConnectionSettings.DEFAULT;
    private ProxyServer proxy;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable it : open) {
            it.close();
        }
    }

    private <T extends AutoCloseable> T closing(T value) {
        open.add(0, value);
        return value;
    }

    private final NameResolver resolver = name -> {
        lookups.incrementAndGet();
        if (unknown || !name.equals("shop.test")) {
            throw new UnknownHostException(name);
        }
        List<InetAddress> found = new ArrayList<>();
        for (String address : addresses) {
            found.add(InetAddress.getByName(address));
        }
        return found;
    };

    private ConfiguredOrigin origin(int port) {
        URI url = URI.create(connections.tls().isPresent() ? "https://shop.test:" + port : "http://shop.test:" + port);
        return new ConfiguredOrigin(
                new OriginSettings(
                        List.of(new Server(url, 1, false)),
                        new Balance.RoundRobin(),
                        null,
                        check,
                        OriginSettings.EJECT,
                        OriginSettings.RETRY,
                        Duration.ZERO,
                        Optional.of(EVERY)),
                connections);
    }

    private void start(int port) throws Exception {
        HttpCache cache = closing(HttpCache.builder()
                .sites(Sites.of(Site.site("all", "*").origin("shop")))
                .build());
        proxy = closing(ProxyServer.builder()
                .port(0)
                .cache(cache)
                .origin("shop", origin(port))
                .resolver(resolver)
                .build());
        proxy.start();
    }

    private ServerPool.State shop() {
        return proxy.origins().get("shop").states().get(0);
    }

    private void awaitAddresses(String... expected) {
        await().untilAsserted(() -> assertThat(
                        shop().addresses().stream().map(it -> it.address().getHostAddress()))
                .containsExactlyInAnyOrder(expected));
    }

    private Reply get(String path) {
        return RawClient.ask(proxy.port(), request("GET", path));
    }

    private Set<String> texts(int requests) {
        Set<String> texts = new TreeSet<>();
        for (int i = 0; i < requests; i++) {
            texts.add(get("/" + paths.incrementAndGet()).text());
        }
        return texts;
    }

    private static RawOrigin.Script named(String name) {
        return call -> call.send(ok(name, "Cache-Control: no-store"));
    }

    private static URI at(RawOrigin origin) {
        return origin.uri();
    }

    /** Two servers with one port at two addresses. */
    private List<RawOrigin> two() {
        RawOrigin a = closing(RawOrigin.answering(named("a")));
        RawOrigin b = closing(RawOrigin.answering(named("b"), at(a).getPort(), "127.0.0.2"));
        return List.of(a, b);
    }

    @Test
    void all_addresses_of_a_name_are_used_and_the_host_is_the_name() throws Exception {
        List<RawOrigin> servers = two();
        start(at(servers.get(0)).getPort());
        awaitAddresses("127.0.0.1", "127.0.0.2");
        assertThat(texts(4)).containsExactly("a", "b");
        for (RawOrigin server : servers) {
            assertThat(server.lastHead())
                    .contains("\r\nHost: shop.test:" + at(servers.get(0)).getPort() + "\r\n");
        }
    }

    @Test
    void a_new_address_is_used_and_one_that_is_gone_finishes_its_requests_and_loses_its_connections() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        RawOrigin a = closing(RawOrigin.answering(call -> {
            if (call.head().startsWith("GET /slow ")) {
                go.await();
            }
            named("a").answer(call);
        }));
        RawOrigin b = closing(RawOrigin.answering(named("b"), at(a).getPort(), "127.0.0.2"));
        addresses = List.of("127.0.0.1");
        start(at(a).getPort());
        awaitAddresses("127.0.0.1");
        RawClient waiting = closing(RawClient.to(proxy.port())).send(request("GET", "/slow"));
        await().until(() -> a.count() == 1);
        assertThat(texts(2)).containsExactly("a");
        assertThat(a.connections()).isGreaterThan(1); // a client may be served before the connection is idle again
        addresses = List.of("127.0.0.2");
        await().until(() -> texts(1).contains("b"));
        assertThat(texts(4)).containsExactly("b");
        assertThat(shop().addresses()).anySatisfy(it -> {
            assertThat(it.address().getHostAddress()).isEqualTo("127.0.0.1");
            assertThat(it.draining()).isTrue();
            assertThat(it.underWay()).isEqualTo(1);
        });
        await().until(() -> a.connections() == 1);
        go.countDown();
        assertThat(waiting.reply().text()).isEqualTo("a");
        await().until(() -> a.connections() == 0);
        awaitAddresses("127.0.0.2");
        addresses = List.of("127.0.0.1", "127.0.0.2");
        awaitAddresses("127.0.0.1", "127.0.0.2");
        assertThat(texts(4)).containsExactly("a", "b");
        assertThat(b.connections()).isPositive();
    }

    @Test
    void a_failed_lookup_and_an_empty_answer_keep_the_last_known_addresses_and_are_logged_once() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger("io.cachingproxy.origin.NameLookups");
        log.start();
        Level before = logger.getLevel();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        closing(() -> {
            logger.detachAppender(log);
            logger.setLevel(before);
        });
        start(at(two().get(0)).getPort());
        awaitAddresses("127.0.0.1", "127.0.0.2");
        unknown = true;
        awaitLookups(5);
        addresses = List.of();
        unknown = false;
        awaitLookups(5);
        assertThat(texts(4)).containsExactly("a", "b");
        addresses = List.of("127.0.0.1");
        awaitAddresses("127.0.0.1");
        assertThat(log.list)
                .filteredOn(it -> it.getFormattedMessage().contains("last known"))
                .hasSize(1);
        assertThat(log.list)
                .anySatisfy(it -> assertThat(it.getFormattedMessage()).contains("is resolved again"));
    }

    private void awaitLookups(int more) {
        int before = lookups.get();
        await().until(() -> lookups.get() >= before + more);
    }

    @Test
    void a_reload_keeps_the_addresses_and_ends_the_lookups_of_the_origin_before() throws Exception {
        int port = at(two().get(0)).getPort();
        start(port);
        awaitAddresses("127.0.0.1", "127.0.0.2");
        unknown = true;
        OriginSettings settings = origin(port).settings();
        OriginSettings other = new OriginSettings(
                        settings.servers(),
                        new Balance.LeastRequests(),
                        null,
                        check,
                        settings.eject(),
                        settings.retry(),
                        settings.slowStart())
                .resolving(Duration.ofHours(1));
        proxy.origins(Map.of("shop", new ConfiguredOrigin(other, connections)));
        assertThat(shop().addresses()).hasSize(2);
        assertThat(texts(8)).containsExactly("a", "b");
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                        .filter(it -> it.getName().equals("lookup-shop"))
                        .count()
                == 1);
    }

    @Test
    void each_address_is_checked_by_the_name_of_the_server() throws Exception {
        check = Optional.of(new Check(
                "/health", Duration.ofMillis(20), Duration.ofMillis(500), List.of(new StatusRange(200, 399)), 1, 1));
        RawOrigin a = closing(RawOrigin.answering(call -> call.send(
                call.head().startsWith("GET /health ")
                        ? "HTTP/1.1 500 Down\r\nContent-Length: 0\r\n\r\n"
                        : ok("a", "Cache-Control: no-store"))));
        RawOrigin b = closing(RawOrigin.answering(named("b"), at(a).getPort(), "127.0.0.2"));
        start(at(a).getPort());
        await().until(() -> shop().addresses().size() == 2
                && shop().addresses().stream()
                                .filter(ServerPool.AddressState::down)
                                .count()
                        == 1);
        assertThat(texts(4)).containsExactly("b");
        await().until(() -> b.heads().stream().anyMatch(it -> it.startsWith("GET /health ")));
        assertThat(a.heads()).allSatisfy(head -> assertThat(head).contains("\r\nHost: shop.test:"));
        addresses = List.of("127.0.0.1", "127.0.0.3");
        RawOrigin c = closing(RawOrigin.answering(named("c"), at(a).getPort(), "127.0.0.3"));
        await().until(() -> c.heads().stream().anyMatch(it -> it.startsWith("GET /health ")));
        await().until(() -> texts(1).contains("c"));
        await().untilAsserted(
                        () -> { // no more checks of what is gone
                            int before = b.count();
                            int checks = c.count();
                            await().until(() -> c.count() > checks + 3);
                            assertThat(b.count()).isEqualTo(before);
                        });
    }

    /** Answers with the address at which it was asked, and the authority that it was asked for. */
    private int jetty(Certificates identity) throws Exception {
        org.eclipse.jetty.server.Server server = new org.eclipse.jetty.server.Server();
        HttpConfiguration http = new HttpConfiguration();
        List<ConnectionFactory> factories = new ArrayList<>();
        if (identity == null) {
            factories.addAll(List.of(new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http)));
        } else {
            SslContextFactory.Server tls = new SslContextFactory.Server();
            tls.setSslContext(identity.context());
            ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2", "http/1.1");
            alpn.setDefaultProtocol("http/1.1");
            factories.addAll(List.of(
                    new SslConnectionFactory(tls, alpn.getProtocol()),
                    alpn,
                    new HTTP2ServerConnectionFactory(http),
                    new HttpConnectionFactory(http)));
        }
        int port = 0;
        for (String address : List.of("127.0.0.1", "127.0.0.2")) {
            ServerConnector connector = new ServerConnector(server, factories.toArray(ConnectionFactory[]::new));
            connector.setHost(address);
            connector.setPort(port);
            connector.open();
            port = connector.getLocalPort();
            server.addConnector(connector);
        }
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                String text = Request.getLocalAddr(request) + " " + Request.getServerName(request) + " "
                        + request.getConnectionMetaData().getHttpVersion();
                response.write(true, StandardCharsets.US_ASCII.encode(text), callback);
                return true;
            }
        });
        server.start();
        closing(server::stop);
        return port;
    }

    @Test
    void http2_in_cleartext_goes_to_all_addresses() throws Exception {
        connections = new ConnectionSettings(
                ConnectionSettings.Timeouts.NONE, Optional.of(OriginProtocol.H2C), Optional.empty());
        start(jetty(null));
        awaitAddresses("127.0.0.1", "127.0.0.2");
        assertThat(texts(4)).containsExactly("127.0.0.1 shop.test HTTP/2.0", "127.0.0.2 shop.test HTTP/2.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP1", "AUTO"})
    void tls_verifies_the_name_at_every_address(OriginProtocol protocol) throws Exception {
        Certificates named = Certificates.in(folder, "shop", "EC", "dns:shop.test");
        connections = new ConnectionSettings(
                ConnectionSettings.Timeouts.NONE,
                Optional.of(protocol),
                Optional.of(
                        new ConnectionSettings.Tls(Optional.of(named.chain()), Optional.empty(), Optional.empty())));
        start(jetty(named));
        awaitAddresses("127.0.0.1", "127.0.0.2");
        String version = protocol == OriginProtocol.AUTO ? " shop.test HTTP/2.0" : " shop.test HTTP/1.1";
        assertThat(texts(4)).containsExactly("127.0.0.1" + version, "127.0.0.2" + version);
    }
}
