package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.testkit.RawOrigin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An origin that is slow, or away, costs clients a bounded time. */
class SlowOriginTest extends Attack {
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.originTimeouts(new OriginTimeouts(
                Duration.ofMillis(300), Duration.ofMillis(900), Duration.ofMillis(500), Duration.ofSeconds(2)));
    }

    @Test
    void an_origin_that_says_nothing_is_a_504() throws IOException {
        origin.on("/a", (request, connection) -> released.await());
        assertThat(victim("/a").status()).isEqualTo(504);
        released.countDown();
    }

    @Test
    void an_origin_that_answers_early_and_takes_no_more_of_the_request_is_given_up() throws Exception {
        try (RawOrigin hasty = RawOrigin.answering(call -> {
                    call.send(RecordingOrigin.ok("answer"));
                    if (call.line().startsWith("POST")) {
                        released.await();
                    }
                });
                ProxyServer other = configured(
                                ProxyServer.builder().origin(hasty.uri()).port(0))
                        .originTimeouts(OriginTimeouts.DEFAULT.withIdle(Duration.ofMillis(500)))
                        .limits(Limits.DEFAULT.withOriginRequests(1, 1))
                        .build()) {
            other.start();
            try (RawClient early = new RawClient(other.port());
                    RawClient next = new RawClient(other.port())) {
                early.send("POST /early HTTP/1.1\r\nHost: proxy\r\nContent-Length: 99999999\r\n\r\n");
                Thread uploading = new Thread(() -> upload(early));
                uploading.start();
                assertThat(early.response().body()).isEqualTo("answer");
                next.patience(Duration.ofSeconds(20));
                assertThat(next.send(get("/next")).response().body()).isEqualTo("answer");
                early.close();
                uploading.join();
            }
            released.countDown();
        }
    }

    private static void upload(RawClient client) {
        try {
            for (int i = 0; i < 999; i++) {
                client.send("x".repeat(100_000));
            }
        } catch (IOException closed) {
            // nobody takes it
        }
    }

    @Test
    void interim_responses_do_not_prolong_the_wait_for_the_head() throws IOException {
        origin.on("/a", (request, connection) -> {
            do {
                connection.send("HTTP/1.1 103 Early Hints\r\n\r\n");
            } while (!released.await(100, TimeUnit.MILLISECONDS));
        });
        assertThat(last(attacker().send(get("/a"))).status()).isEqualTo(504);
    }

    @Test
    void a_head_that_comes_byte_by_byte_is_a_504() throws IOException {
        origin.on("/a", (request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nX: ");
            do {
                connection.send("x");
            } while (!released.await(100, TimeUnit.MILLISECONDS));
        });
        assertThat(victim("/a").status()).isEqualTo(504);
    }

    @Test
    void a_body_that_stops_is_cut_off_after_the_idle_time() throws IOException {
        origin.on("/a", (request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
            released.await();
        });
        assertThat(attacker().send(get("/a")).untilClosed()).endsWith("half");
        released.countDown();
    }

    @Test
    void a_body_that_trickles_for_ever_is_cut_off_after_the_total_time() throws IOException {
        origin.on("/a", (request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n");
            do {
                connection.send("x");
            } while (!released.await(100, TimeUnit.MILLISECONDS));
        });
        assertThat(attacker().send(get("/a")).untilClosed()).contains("200 OK").endsWith("xxx");
    }

    @Test
    void an_origin_that_does_not_take_connections_is_a_502_or_504_in_the_connect_time() throws IOException {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
                Socket second = new Socket(full.getInetAddress(), full.getLocalPort());
                ProxyServer other = configured(ProxyServer.builder()
                                .origin(URI.create("http://127.0.0.1:" + full.getLocalPort()))
                                .port(0))
                        .build()) {
            other.start();
            try (RawClient client = new RawClient(other.port())) {
                assertThat(client.send(get("/a")).response().status()).isIn(502, 504);
            }
            assertThat(first.isConnected() && second.isConnected()).isTrue();
        }
    }

    private static Message last(RawClient client) throws IOException {
        Message response = client.response();
        while (response.status() < 200) {
            response = client.response();
        }
        return response;
    }
}
