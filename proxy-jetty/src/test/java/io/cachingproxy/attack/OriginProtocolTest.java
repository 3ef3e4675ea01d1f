package io.cachingproxy.attack;

import static io.cachingproxy.attack.Http2Origin.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.cachingproxy.Exchange;
import io.cachingproxy.HttpCache;
import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.testkit.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for an origin that is spoken to with HTTP/1.1 holds with HTTP/2. */
class OriginProtocolTest {
    private static final OriginTimeouts SHORT = new OriginTimeouts(
            Duration.ofSeconds(2), Duration.ofMillis(900), Duration.ofMillis(500), Duration.ofSeconds(5));

    @Nested
    @ParameterizedClass
    @EnumSource(names = {"HTTP1", "H2C"})
    class InTheClear {
        @Parameter
        OriginProtocol protocol;

        private final CountDownLatch released = new CountDownLatch(1);
        private final List<RawClient> clients = new ArrayList<>();
        private Http2Origin origin;
        private ProxyServer proxy;
        private HttpCache cache = HttpCache.builder().build();

        private void serve(Http2Origin.Script script) throws Exception {
            serve(SHORT, script);
        }

        private void serve(OriginTimeouts timeouts, Http2Origin.Script script) throws Exception {
            origin = new Http2Origin(null, script);
            proxy = ProxyServer.builder()
                    .origin(origin.uri())
                    .port(0)
                    .originProtocol(protocol)
                    .originTimeouts(timeouts)
                    .cache(cache)
                    .limits(Limits.DEFAULT.withOriginRequests(2, 1))
                    .build();
            proxy.start();
        }

        @AfterEach
        void stop() throws Exception {
            released.countDown();
            for (RawClient client : clients) {
                client.close();
            }
            proxy.close();
            origin.close();
        }

        private RawClient send(String request) throws IOException {
            RawClient client = new RawClient(proxy.port());
            clients.add(client);
            return client.send(request);
        }

        private String version() {
            return protocol == OriginProtocol.H2C ? " HTTP/2.0" : " HTTP/1.1";
        }

        @Test
        void targets_go_out_byte_for_byte_and_responses_are_stored() throws Exception {
            serve((request, response, callback) -> {
                response.getHeaders().add("Cache-Control", "max-age=60").add("X-Quoted", "a=\"b, c\"");
                response.write(true, bytes("hello"), callback);
            });
            for (String target : List.of("/a?b=c|d", "//x/../y", "/%2F;p=%00?", "/")) {
                Message first = send(Attack.get(target)).response();
                assertThat(first.body()).isEqualTo("hello");
                assertThat(first.field("X-Quoted")).isEqualTo("a=\"b, c\"");
                assertThat(send(Attack.get(target)).response().field("X-Cache")).isEqualTo("HIT");
            }
            assertThat(origin.asked())
                    .containsExactly(
                            "GET /a?b=c|d" + version(),
                            "GET //x/../y" + version(),
                            "GET /%2F;p=%00?" + version(),
                            "GET /" + version());
        }

        @Test
        void content_goes_out_and_comes_back_with_trailers() throws Exception {
            serve((request, response, callback) -> {
                response.setTrailersSupplier(() -> HttpFields.build().add("Sum", "7"));
                Content.copy(request, response, callback);
            });
            String answer = send("POST /a HTTP/1.1\r\nHost: proxy\r\nTE: trailers\r\nConnection: close, TE\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
                    .untilClosed();
            assertThat(answer).contains("hello");
            assertThat(answer.toLowerCase()).contains("\r\nsum: 7\r\n");
        }

        @Test
        void early_hints_are_relayed() throws Exception {
            serve((request, response, callback) -> {
                response.writeInterim(103, HttpFields.build().add("Link", "</a.css>"))
                        .get();
                response.write(true, bytes("hello"), callback);
            });
            RawClient client = send(Attack.get("/a"));
            assertThat(client.response().status()).isEqualTo(103);
            assertThat(client.response().body()).isEqualTo("hello");
        }

        @Test
        void a_body_that_breaks_off_is_not_stored_and_does_not_end_well() throws Exception {
            serve((request, response, callback) -> {
                response.getHeaders().add("Cache-Control", "max-age=60");
                response.write(
                        false,
                        bytes("half"),
                        Callback.from(() -> callback.failed(new IOException("on purpose")), callback::failed));
            });
            for (int i = 0; i < 2; i++) {
                assertThat(send(Attack.get("/a", "Connection: close")).untilClosed())
                        .doesNotContain("\r\n0\r\n")
                        .doesNotContain("HIT");
            }
            assertThat(origin.asked()).hasSize(2);
        }

        @Test
        void silence_before_the_head_is_a_504() throws Exception {
            serve((request, response, callback) -> released.await());
            assertThat(send(Attack.get("/a")).response().status()).isEqualTo(504);
        }

        @Test
        void the_head_may_take_longer_than_the_origin_may_be_silent_after_it() throws Exception {
            serve(
                    SHORT.withFirstByte(Duration.ofSeconds(30)).withTotal(Duration.ofMinutes(1)),
                    (request, response, callback) -> {
                        released.await(1200, TimeUnit.MILLISECONDS);
                        response.write(true, bytes("late"), callback);
                    });
            assertThat(send(Attack.get("/a")).response().body()).isEqualTo("late");
        }

        @Test
        void an_exchange_that_fails_within_the_cache_is_ended() throws Exception {
            AtomicBoolean failing = new AtomicBoolean();
            cache = HttpCache.builder()
                    .clock(() -> {
                        if (isAtHead() && failing.getAndSet(false)) {
                            throw new IllegalStateException("on purpose");
                        }
                        return Instant.now();
                    })
                    .build();
            serve(OriginTimeouts.DEFAULT, (request, response, callback) -> {
                failing.set(request.getHttpURI().getPath().equals("/fails"));
                response.write(true, bytes("hello"), callback);
            });
            for (int i = 0; i < 9; i++) { // beyond the limit of requests at the origin
                assertThat(send(Attack.get("/fails")).response().status()).isEqualTo(502);
            }
            assertThat(send(Attack.get("/a")).response().body()).isEqualTo("hello");
        }

        /** Only there: the end of an earlier exchange may read the clock while the next response is on its way. */
        private static boolean isAtHead() {
            return StackWalker.getInstance()
                    .walk(frames -> frames.anyMatch(it -> it.getClassName().equals(Exchange.class.getName())
                            && it.getMethodName().equals("onHead")));
        }

        @Test
        void silence_within_the_body_ends_it() throws Exception {
            serve((request, response, callback) -> {
                response.getHeaders().add("Content-Length", "9");
                response.write(false, bytes("half"), Callback.NOOP);
                released.await();
            });
            assertThat(send(Attack.get("/a")).untilClosed()).endsWith("half");
        }

        @Test
        void more_headers_than_we_take_are_a_502() throws Exception {
            serve((request, response, callback) -> {
                for (int i = 0; i < 201; i++) {
                    response.getHeaders().add("X-" + i, "x");
                }
                response.write(true, bytes("hello"), callback);
            });
            assertThat(send(Attack.get("/a")).response().status()).isEqualTo(502);
        }

        @Test
        void requests_beyond_the_limit_wait_and_those_beyond_the_queue_are_shed() throws Exception {
            serve(OriginTimeouts.DEFAULT, (request, response, callback) -> {
                released.await();
                response.write(true, bytes("late"), callback);
            });
            for (int i = 0; i < 5; i++) {
                int least = Math.min(i + 1, 2);
                send(Attack.request("POST", "/" + i, "Content-Length: 0"));
                await().until(() -> origin.asked().size() == least);
            }
            await().until(() -> clients.stream().filter(RawClient::isAnswered).count() == 2);
            assertThat(origin.asked()).hasSize(2);
            released.countDown();
            List<Integer> statuses = new ArrayList<>();
            for (RawClient client : clients) {
                statuses.add(client.response().status());
            }
            assertThat(statuses).containsExactlyInAnyOrder(200, 200, 200, 503, 503);
        }

        @Test
        void readers_that_stall_do_not_hold_back_others() throws Exception {
            serve((request, response, callback) -> {
                boolean large = request.getHttpURI().getPath().equals("/large");
                response.getHeaders().add("Cache-Control", "no-store");
                response.write(true, large ? bytes("x".repeat(20 << 20)) : bytes("small"), callback);
            });
            send(Attack.get("/large"));
            await().until(clients.get(0)::isAnswered);
            assertThat(send(Attack.get("/small")).response().body()).isEqualTo("small");
        }
    }

    @Nested
    class OverTls {
        @TempDir
        private Path folder;

        private String version(OriginProtocol protocol) throws Exception {
            Certificates identity = Certificates.in(folder, "a", "EC");
            try (Http2Origin origin = new Http2Origin(
                            identity, (request, response, callback) -> response.write(true, bytes("hello"), callback));
                    ProxyServer proxy = ProxyServer.builder()
                            .origin(origin.uri())
                            .port(0)
                            .originAuthorities(identity.chain())
                            .originProtocol(protocol)
                            .build()) {
                proxy.start();
                try (RawClient client = new RawClient(proxy.port())) {
                    assertThat(client.send(Attack.get("/a")).response().body()).isEqualTo("hello");
                }
                return origin.asked().get(0);
            }
        }

        @Test
        void http_2_is_spoken_where_the_origin_offers_it_and_it_is_wanted() throws Exception {
            assertThat(version(OriginProtocol.AUTO)).isEqualTo("GET /a HTTP/2.0");
            assertThat(version(OriginProtocol.HTTP1)).isEqualTo("GET /a HTTP/1.1");
        }

        @Test
        void http_1_1_is_spoken_on_one_connection_for_each_request_where_the_origin_negotiates_nothing_and_closes()
                throws Exception {
            Certificates identity = Certificates.in(folder, "a", "EC");
            AtomicInteger handshakes = new AtomicInteger();
            HttpsServer old = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            old.setHttpsConfigurator(new HttpsConfigurator(identity.context()) {
                @Override
                public void configure(HttpsParameters parameters) {
                    handshakes.incrementAndGet();
                    super.configure(parameters);
                }
            });
            old.createContext("/", exchange -> {
                exchange.getResponseHeaders().set("Connection", "close");
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            old.start();
            try (ProxyServer proxy = ProxyServer.builder()
                    .origin(URI.create("https://127.0.0.1:" + old.getAddress().getPort()))
                    .port(0)
                    .originAuthorities(identity.chain())
                    .originProtocol(OriginProtocol.AUTO)
                    .build()) {
                proxy.start();
                try (RawClient client = new RawClient(proxy.port())) {
                    for (int request = 1; request <= 200; request++) {
                        assertThat(client.send(Attack.get("/" + request))
                                        .response()
                                        .status())
                                .isEqualTo(200);
                        assertThat(handshakes).hasValue(request);
                    }
                }
            } finally {
                old.stop(0);
            }
        }
    }
}
