package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.TestProxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Responses of the cache that are written without a Jetty request. */
class DirectResponseTest {
    /** A field that makes the connection leave a request to Jetty. */
    private static final String TO_JETTY = "TE: trailers";

    private static final String NO_STORE = "Cache-Control: no-store\r\n";

    static Stream<Arguments> responses() {
        String chunk = "3e8\r\n" + "c".repeat(1000) + "\r\n";
        return Stream.of(
                        ok("a", "Cache-Control: no-store"),
                        ok("", "Cache-Control: no-store"),
                        ok("b".repeat(100_000), "Cache-Control: no-store"),
                        ok("b".repeat(3_000_000), "Cache-Control: no-store"),
                        ok("a", "Cache-Control: no-store", "X-Long: " + "x".repeat(12_000)),
                        "HTTP/1.1 299 Rare\r\n" + NO_STORE + "Content-Length: 1\r\n\r\na",
                        "HTTP/1.1 404 Not Found\r\n" + NO_STORE + "Content-Length: 1\r\n\r\na",
                        "HTTP/1.1 500 Internal Server Error\r\n" + NO_STORE + "Content-Length: 1\r\n\r\na",
                        "HTTP/1.1 204 No Content\r\n" + NO_STORE + "\r\n",
                        "HTTP/1.1 304 Not Modified\r\n" + NO_STORE + "ETag: \"a\"\r\n\r\n",
                        "HTTP/1.1 200 OK\r\n" + NO_STORE + "Transfer-Encoding: chunked\r\n\r\n" + chunk + "0\r\n\r\n",
                        "HTTP/1.1 200 OK\r\n" + NO_STORE + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        "HTTP/1.1 200 OK\r\n" + NO_STORE + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(200)
                                + "0\r\nX-Sum: 7\r\n\r\n",
                        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + ok("a", "Cache-Control: no-store"))
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("responses")
    void a_response_is_the_same_as_through_jetty(String response) {
        try (RawOrigin origin = RawOrigin.sending(response);
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = RawClient.to(proxy.port())) {
            for (int i = 0; i < 2; i++) { // twice on one connection, which stays usable
                client.send(request("GET", "/a", TO_JETTY));
                Reply expected = client.reply();
                client.send(request("GET", "/a"));
                Reply direct = client.reply();
                assertThat(lines(direct.head())).containsExactlyInAnyOrderElementsOf(lines(expected.head()));
                assertThat(direct.text()).isEqualTo(expected.text());
                assertThat(direct.trailers()).isEqualTo(expected.trailers());
            }
        }
    }

    private static Iterable<String> lines(String head) {
        return head.lines().toList();
    }

    /** The kernel of the client takes a few kilobytes at a time: the rest of a write begins in its content or at its end. */
    @Test
    void a_client_that_reads_slowly_gets_every_byte() throws Exception {
        StringBuilder expected = new StringBuilder();
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 200 OK\r\n" + NO_STORE + "Transfer-Encoding: chunked\r\n\r\n");
                    for (int i = 0; i < 400; i++) {
                        call.chunk(chunk(i));
                    }
                    call.send("0\r\nX-Sum: 7\r\n\r\n");
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = RawClient.stallingAt(proxy.port())) {
            IntStream.range(0, 400).forEach(i -> expected.append(chunk(i)));
            client.send(request("GET", "/a"));
            client.head();
            StringBuilder got = new StringBuilder();
            while (got.length() < expected.length()) {
                got.append(client.chunk());
            }
            assertThat(got).hasToString(expected.toString());
        }
    }

    private static String chunk(int i) {
        return String.valueOf((char) ('a' + i % 26)).repeat(1 + i * 101 % 30_000);
    }

    @Test
    void a_head_request_has_the_fields_of_a_get_and_leaves_the_connection_usable() {
        try (RawOrigin origin = RawOrigin.answering(call -> call.send(
                        call.head().startsWith("HEAD")
                                ? "HTTP/1.1 200 OK\r\n" + NO_STORE + "Transfer-Encoding: chunked\r\n\r\n"
                                : ok("a", "Cache-Control: no-store")));
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = RawClient.to(proxy.port())) {
            client.send(request("HEAD", "/a"));
            assertThat(client.head()).startsWith("HTTP/1.1 200 OK").doesNotContain("Content-Length");
            client.send(request("GET", "/a"));
            assertThat(client.reply().text()).isEqualTo("a");
        }
    }

    @Test
    void pipelined_requests_are_answered_in_their_order_whatever_they_are() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.head().startsWith("GET /slow")) {
                        released.await(10, TimeUnit.SECONDS);
                    }
                    call.body();
                    call.send(ok(
                            call.head().split(" ", 3)[1],
                            call.head().startsWith("GET /hit")
                                    ? "Cache-Control: max-age=60"
                                    : "Cache-Control: no-store"));
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = RawClient.to(proxy.port())) {
            RawClient.ask(proxy.port(), request("GET", "/hit"));
            client.send(request("GET", "/slow")
                    + request("GET", "/hit")
                    + request("GET", "/jetty", TO_JETTY)
                    + request("GET", "/miss")
                    + request("GET", "/hit")
                    + "POST /post HTTP/1.1\r\nHost: proxy\r\nContent-Length: 1\r\n\r\na"
                    + request("GET", "/last"));
            released.countDown();
            for (String path : new String[] {"/slow", "/hit", "/jetty", "/miss", "/hit", "/post", "/last"}) {
                assertThat(client.reply().text()).isEqualTo(path);
            }
        }
    }

    @Test
    void a_graceful_stop_waits_for_the_response_which_announces_the_end_of_the_connection() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    asked.countDown();
                    released.await(10, TimeUnit.SECONDS);
                    call.send(ok("late"));
                });
                HttpCache cache = HttpCache.builder().build();
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .port(0)
                        .cache(cache)
                        .build()) {
            proxy.start();
            try (RawClient client = RawClient.to(proxy.port())) {
                client.send(request("GET", "/a"));
                asked.await();
                assertThat(proxy.requests()).isEqualTo(1);
                proxy.drain();
                CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> proxy.stop(Duration.ofSeconds(8)));
                released.countDown();
                Reply reply = client.reply();
                assertThat(reply.text()).isEqualTo("late");
                assertThat(reply.head()).contains("Connection: close\r\n");
                assertThat(client.rest()).isEmpty();
                stopped.get(10, TimeUnit.SECONDS);
                assertThat(proxy.requests()).isZero();
            }
        }
    }
}
