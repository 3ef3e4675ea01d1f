package io.cachingproxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.ManualClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The platform's client in front of real servers on loopback. */
class HttpClientOriginTest {
    private static final int MANY = 30 << 20;

    private final ManualClock clock = ManualClock.atNoon();
    private final HttpCache cache = HttpCache.builder()
            .policy(Policy.rfc9111())
            .clock(clock)
            .store(new MemoryStore(16 << 20, 1 << 20))
            .maxObjectBytes(1 << 20)
            .build();
    private final Origin origin = HttpClientOrigin.of(HttpClient.newHttpClient());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
        cache.close();
    }

    private void handle(HttpHandler handler) {
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            try (exchange) {
                handler.handle(exchange);
            }
        });
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private RequestHead request(String method, String path, boolean hasBody, String... headers) {
        return request(server.getAddress().getPort(), method, path, hasBody, headers);
    }

    private static RequestHead request(int port, String method, String path, boolean hasBody, String... headers) {
        Target target = Target.of(URI.create("http://127.0.0.1:" + port + path));
        return new RequestHead(method, target, Headers.of(headers), hasBody);
    }

    private Answer send(RequestHead request, Content body, Origin from) throws Exception {
        return cache.serve(request, body, from).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private Answer get(String path, String... headers) throws Exception {
        return send(request("GET", path, false, headers), Content.empty(), origin);
    }

    private static String text(Answer answer) throws Exception {
        return new String(
                answer.content().readAll(1 << 20).toCompletableFuture().get(20, TimeUnit.SECONDS), UTF_8);
    }

    private static String cacheStatus(Answer answer) {
        return answer.head().headers().first("Cache-Status");
    }

    @Test
    void a_response_is_stored_and_the_next_request_is_a_hit() throws Exception {
        handle(exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            answer(exchange, 200, "hello");
        });
        Answer first = get("/a?b=%2F");
        assertThat(text(first)).isEqualTo("hello");
        assertThat(cacheStatus(first)).isEqualTo("caching-proxy; fwd=uri-miss; fwd-status=200; stored");
        Answer second = get("/a?b=%2F");
        assertThat(text(second)).isEqualTo("hello");
        assertThat(second.head().headers().first("X-Cache")).isEqualTo("HIT");
        assertThat(requests).hasValue(1);
    }

    @Test
    void target_and_fields_arrive_as_they_are_less_those_of_the_connection() throws Exception {
        handle(exchange -> answer(
                exchange,
                200,
                exchange.getRequestURI() + " " + exchange.getRequestHeaders().get("X") + " "
                        + exchange.getRequestHeaders().getFirst("Host") + " "
                        + exchange.getRequestHeaders().containsKey("X-Forwarded-For")));
        Answer answer = get(
                "/%41//b?c=%2f&&",
                "X",
                "1",
                "X",
                "2",
                "Host",
                "evil",
                "Connection",
                "close, Y",
                "Keep-Alive",
                "a",
                "Expect",
                "100-continue",
                "Content-Length",
                "0",
                "X-Forwarded-For",
                "1.2.3.4");
        assertThat(text(answer))
                .isEqualTo("/%41//b?c=%2f&& [1, 2] 127.0.0.1:"
                        + server.getAddress().getPort() + " false");
    }

    @Test
    void content_streams_to_the_origin_with_and_without_a_length() throws Exception {
        handle(exchange -> {
            byte[] received = exchange.getRequestBody().readAllBytes();
            answer(
                    exchange,
                    200,
                    received.length + " "
                            + exchange.getRequestHeaders().getFirst("Content-Length") + " "
                            + exchange.getRequestHeaders().getFirst("Transfer-Encoding"));
        });
        ByteBuffer[] pieces = new ByteBuffer[100];
        Arrays.setAll(pieces, i -> ByteBuffer.allocate(10_000));
        assertThat(text(send(request("POST", "/", true, "Content-Length", "1000000"), Content.of(pieces), origin)))
                .isEqualTo("1000000 1000000 null");
        try (SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>()) {
            CompletableFuture<Answer> answer = cache.serve(request("POST", "/", true), Content.of(publisher), origin)
                    .toCompletableFuture();
            await().until(publisher::hasSubscribers);
            for (ByteBuffer piece : pieces) {
                publisher.submit(piece.duplicate());
            }
            publisher.close();
            assertThat(text(answer.get(20, TimeUnit.SECONDS))).isEqualTo("1000000 null chunked");
        }
    }

    @Test
    void a_request_that_breaks_off_is_no_fault_of_the_origin() throws Exception {
        handle(exchange -> {
            exchange.getRequestBody().readAllBytes();
            answer(exchange, 200, "whole");
        });
        SubmissionPublisher<ByteBuffer> publisher = new SubmissionPublisher<>();
        CompletableFuture<Answer> answer = cache.serve(request("POST", "/", true), Content.of(publisher), origin)
                .toCompletableFuture();
        await().until(publisher::hasSubscribers);
        publisher.submit(ByteBuffer.wrap(new byte[] {1}));
        publisher.closeExceptionally(new IOException("the client left"));
        assertThat(answer.get(20, TimeUnit.SECONDS).head().status()).isEqualTo(400);
    }

    @Test
    void head_has_no_content() throws Exception {
        handle(exchange -> {
            exchange.getResponseHeaders().add("Content-Length", "5");
            exchange.sendResponseHeaders(200, -1);
        });
        Answer answer = send(request("HEAD", "/", false), Content.empty(), origin);
        assertThat(answer.head().headers().first("Content-Length")).isEqualTo("5");
        assertThat(text(answer)).isEmpty();
    }

    @Test
    void a_stale_response_is_revalidated_by_a_304() throws Exception {
        handle(exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=1");
            exchange.getResponseHeaders().add("ETag", "\"1\"");
            boolean known = "\"1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
            answer(exchange, known ? 304 : 200, known ? "" : "hello");
        });
        assertThat(text(get("/"))).isEqualTo("hello");
        clock.advance(5);
        Answer answer = get("/");
        assertThat(text(answer)).isEqualTo("hello");
        assertThat(cacheStatus(answer)).contains("fwd=stale", "fwd-status=304");
        assertThat(requests).hasValue(2);
    }

    @Test
    void a_redirect_is_not_followed() throws Exception {
        handle(exchange -> {
            exchange.getResponseHeaders().add("Location", "/other");
            answer(exchange, 302, "");
        });
        assertThat(get("/").head().status()).isEqualTo(302);
        assertThat(requests).hasValue(1);
    }

    @Test
    void content_without_a_length_streams_before_it_is_whole() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        handle(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("first ".getBytes(UTF_8));
            exchange.getResponseBody().flush();
            hold(read);
            exchange.getResponseBody().write("second".getBytes(UTF_8));
        });
        Answer answer = get("/");
        InputStream stream = answer.content().asInputStream();
        assertThat(new String(stream.readNBytes(6), UTF_8)).isEqualTo("first ");
        read.countDown();
        assertThat(new String(stream.readAllBytes(), UTF_8)).isEqualTo("second");
    }

    private static void hold(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_body_longer_than_memory_waits_at_the_origin_for_its_reader() throws Exception {
        AtomicLong written = new AtomicLong();
        handle(exchange -> {
            exchange.sendResponseHeaders(200, MANY);
            byte[] piece = new byte[1 << 16];
            for (int sent = 0; sent < MANY; sent += piece.length) {
                Arrays.fill(piece, (byte) (sent >> 16));
                exchange.getResponseBody().write(piece);
                written.addAndGet(piece.length);
            }
        });
        Answer answer = get("/");
        AtomicLong before = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(200)).until(() -> before.getAndSet(written.get()) == written.get());
        assertThat(written).hasValueLessThan(MANY - (1 << 20));
        try (InputStream stream = answer.content().asInputStream()) {
            byte[] piece = new byte[1 << 16];
            for (int read = 0; read < MANY; read += piece.length) {
                assertThat(stream.readNBytes(piece, 0, piece.length)).isEqualTo(piece.length);
                assertThat(piece[0]).isEqualTo((byte) (read >> 16));
            }
            assertThat(stream.read()).isEqualTo(-1);
        }
    }

    @Test
    void a_client_that_leaves_ends_the_request_at_the_origin() throws Exception {
        AtomicBoolean broken = new AtomicBoolean();
        handle(exchange -> {
            exchange.sendResponseHeaders(200, MANY);
            try {
                for (int sent = 0; sent < MANY; sent += 1 << 16) {
                    exchange.getResponseBody().write(new byte[1 << 16]);
                }
            } catch (IOException closed) {
                broken.set(true);
            }
        });
        Answer answer = get("/");
        answer.content().cancel();
        await().untilTrue(broken);
    }

    @Test
    void an_origin_that_does_not_answer_is_a_timeout() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        handle(exchange -> hold(over));
        Origin hasty = HttpClientOrigin.of(HttpClient.newHttpClient()).withTimeout(Duration.ofMillis(200));
        Answer answer = send(request("GET", "/", false), Content.empty(), hasty);
        over.countDown();
        assertThat(answer.head().status()).isEqualTo(504);
        assertThat(cacheStatus(answer)).contains("origin-timeout");
    }

    @Test
    void an_origin_that_falls_silent_breaks_off_and_is_not_stored() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        handle(exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            hold(over);
        });
        Origin hasty = HttpClientOrigin.of(HttpClient.newHttpClient()).withTimeout(Duration.ofMillis(300));
        Answer answer = send(request("GET", "/", false), Content.empty(), hasty);
        assertThatThrownBy(() -> text(answer)).hasRootCauseMessage("the origin did not answer in time");
        over.countDown();
        assertThat(cache.hit(cache.resolve(request("GET", "/", false), null))).isNull();
    }

    @Test
    void an_origin_that_refuses_the_connection_is_a_502() throws Exception {
        server.stop(0);
        Answer answer = get("/");
        assertThat(answer.head().status()).isEqualTo(502);
        assertThat(cacheStatus(answer)).contains("origin-failed");
    }

    @Test
    void a_target_that_is_no_uri_is_a_502_and_not_sent_as_another_one() throws Exception {
        Target odd = new Target("http", "127.0.0.1:" + server.getAddress().getPort(), "/a|b");
        assertThat(send(new RequestHead("GET", odd, Headers.EMPTY), Content.empty(), origin)
                        .head()
                        .status())
                .isEqualTo(502);
    }

    // The platform's client writes fields in US-ASCII.
    @Test
    void characters_above_127_arrive_as_question_marks() throws Exception {
        handle(exchange -> answer(exchange, 200, exchange.getRequestHeaders().getFirst("X")));
        assertThat(text(get("/", "X", "a\u00e4b"))).isEqualTo("a?b");
    }

    @Test
    void a_truncated_body_is_never_stored() throws Exception {
        assertBreaksOff("Content-Length: 10\r\n\r\nhello");
        assertBreaksOff("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    }

    private void assertBreaksOff(String rest) throws Exception {
        try (ServerSocket raw = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            answering(raw, "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + rest);
            RequestHead request = request(raw.getLocalPort(), "GET", "/", false);
            Answer answer = send(request, Content.empty(), origin);
            assertThat(answer.head().status()).isEqualTo(200);
            assertThatThrownBy(() -> text(answer)).hasRootCauseInstanceOf(IOException.class);
            assertThat(cache.hit(cache.resolve(request, null))).isNull();
        }
    }

    private void answering(ServerSocket raw, String response) {
        threads.execute(() -> {
            try (Socket socket = raw.accept()) {
                InputStream in = socket.getInputStream();
                for (int last = 0, next = in.read(); next >= 0 && !(last == '\n' && next == '\r'); next = in.read()) {
                    last = next;
                }
                in.read();
                OutputStream out = socket.getOutputStream();
                out.write(response.getBytes(US_ASCII));
                out.flush();
            } catch (IOException closed) {
                // the test is over
            }
        });
    }

    // RFC 9112 §6.3, RFC 9110 §8.6
    @Test
    void a_response_whose_length_is_ambiguous_is_a_502() throws Exception {
        assertMalformed("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        assertMalformed("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!");
        assertMalformed("Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    }

    private void assertMalformed(String rest) throws Exception {
        try (ServerSocket raw = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            answering(raw, "HTTP/1.1 200 OK\r\n" + rest);
            RequestHead request = request(raw.getLocalPort(), "GET", "/", false);
            assertThat(send(request, Content.empty(), origin).head().status()).isEqualTo(502);
        }
    }

    @Test
    void a_client_that_would_change_requests_unseen_is_refused() {
        assertThatThrownBy(() -> HttpClientOrigin.of(HttpClient.newBuilder()
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("redirects");
        assertThatThrownBy(() -> HttpClientOrigin.of(HttpClient.newBuilder()
                        .cookieHandler(new CookieManager())
                        .build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cookie");
    }

    @Test
    void a_timeout_is_positive() {
        assertThatThrownBy(() -> HttpClientOrigin.of(HttpClient.newHttpClient()).withTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
