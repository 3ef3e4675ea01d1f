package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.ConnectionSettings;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;

/** Connections to origins that may not become old. */
class MaxLifetimeTest {
    private static final Duration SHORT = Duration.ofMillis(200);

    private static ProxyServer proxy(URI origin, ConnectionSettings connections) throws Exception {
        ProxyServer proxy = ProxyServer.builder()
                .port(0)
                .origin(new ConfiguredOrigin(OriginSettings.of(origin), connections))
                .build();
        proxy.start();
        return proxy;
    }

    private static String get(ProxyServer proxy, String path) {
        return RawClient.ask(proxy.port(), request("GET", path)).text();
    }

    @Test
    void an_idle_connection_is_closed_at_its_maximum_lifetime() throws Exception {
        try (RawOrigin origin = RawOrigin.sending(ok("fine", "Cache-Control: no-store"));
                ProxyServer proxy = proxy(origin.uri(), ConnectionSettings.DEFAULT.maxLifetime(SHORT))) {
            assertThat(get(proxy, "/a")).isEqualTo("fine");
            assertThat(origin.connections()).isEqualTo(1);
            await().until(() -> origin.connections() == 0);
            assertThat(get(proxy, "/b")).isEqualTo("fine");
        }
    }

    @Test
    void a_connection_is_reused_before_its_maximum_lifetime() throws Exception {
        try (RawOrigin origin = RawOrigin.sending(ok("fine", "Cache-Control: no-store"));
                ProxyServer proxy = proxy(origin.uri(), ConnectionSettings.DEFAULT.maxLifetime(Duration.ofHours(1)))) {
            for (int i = 0; i < 20; i++) {
                get(proxy, "/" + i);
            }
            assertThat(origin.accepted()).isLessThan(20); // a client may be served before the connection is idle again
        }
    }

    @Test
    void a_request_that_outlasts_the_lifetime_completes_and_its_connection_is_not_kept() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 4\r\n\r\nfi");
                    assertThat(never.await(1500, TimeUnit.MILLISECONDS)).isFalse(); // longer than a pass over idle ones
                    call.send("ne");
                });
                ProxyServer proxy = proxy(origin.uri(), ConnectionSettings.DEFAULT.maxLifetime(SHORT))) {
            assertThat(get(proxy, "/a")).isEqualTo("fine");
            await().atMost(500, TimeUnit.MILLISECONDS).until(() -> origin.connections() == 0);
        }
    }

    @Test
    void a_connection_over_http2_is_replaced_at_its_maximum_lifetime_and_its_streams_complete() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Set<Integer> ports = ConcurrentHashMap.newKeySet();
        Server server = new Server();
        ServerConnector connector =
                new ServerConnector(server, new HTTP2CServerConnectionFactory(new HttpConfiguration()));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                ports.add(Request.getRemotePort(request));
                if (Request.getPathInContext(request).equals("/slow")) {
                    go.await();
                }
                response.getHeaders().put("Cache-Control", "no-store");
                response.write(true, StandardCharsets.US_ASCII.encode("fine"), callback);
                return true;
            }
        });
        server.start();
        ConnectionSettings connections = new ConnectionSettings(
                ConnectionSettings.Timeouts.NONE,
                Optional.of(OriginProtocol.H2C),
                Optional.empty(),
                Optional.of(SHORT));
        try (ProxyServer proxy = proxy(URI.create("http://127.0.0.1:" + connector.getLocalPort()), connections);
                RawClient waiting = RawClient.to(proxy.port()).send(request("GET", "/slow"))) {
            await().until(() -> ports.size() == 1);
            await().until(() -> {
                assertThat(get(proxy, "/other")).isEqualTo("fine");
                return ports.size() >= 3;
            });
            go.countDown();
            assertThat(waiting.reply().text()).isEqualTo("fine");
            await().until(() -> connector.getConnectedEndPoints().size() <= 2);
        } finally {
            server.stop();
        }
    }
}
