package io.cachingproxy.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.cachingproxy.testkit.CacheAssertions;
import io.cachingproxy.testkit.ManualClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client in front of real servers on loopback. */
class CachingHttpClientTest {
    private static final int MANY = 30 << 20;

    private final ManualClock clock = ManualClock.atNoon();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final List<AutoCloseable> opened = new ArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = server();
    }

    private HttpServer server() throws IOException {
        HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        started.setExecutor(threads);
        started.start();
        opened.add(() -> started.stop(0));
        return started;
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        threads.shutdownNow();
    }

    private CachingHttpClient.Builder builder() {
        return CachingHttpClient.builder().clock(clock);
    }

    private CachingHttpClient client() {
        return opened(builder());
    }

    private CachingHttpClient opened(CachingHttpClient.Builder builder) {
        CachingHttpClient client = builder.build();
        opened.add(client);
        return client;
    }

    private void handle(String path, HttpHandler handler) {
        server.createContext(path, exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            try (exchange) {
                handler.handle(exchange);
            }
        });
    }

    /** Answers each request with its number. */
    private void serve(String... fields) {
        handle("/", exchange -> answer(exchange, 200, "answer " + requests.size(), fields));
    }

    private static void answer(HttpExchange exchange, int status, String text, String... fields) throws IOException {
        for (int i = 0; i < fields.length; i += 2) {
            exchange.getResponseHeaders().add(fields[i], fields[i + 1]);
        }
        byte[] bytes = text.getBytes(UTF_8);
        boolean bodiless = bytes.length == 0 || exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, bodiless ? -1 : bytes.length);
        if (!bodiless) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static URI url(HttpServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private HttpRequest.Builder get(String path, String... fields) {
        HttpRequest.Builder request = HttpRequest.newBuilder(url(server, path)).timeout(Duration.ofSeconds(20));
        return fields.length == 0 ? request : request.headers(fields);
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static void assertHit(HttpResponse<String> response, String body) {
        CacheAssertions.assertThat(response).isHit();
        assertThat(response.body()).isEqualTo(body);
    }

    private static void assertMiss(HttpResponse<String> response, String body) {
        CacheAssertions.assertThat(response).isMiss();
        assertThat(response.body()).isEqualTo(body);
    }

    @Test
    void a_second_request_is_a_hit_and_the_response_says_so() throws Exception {
        serve("Cache-Control", "max-age=60");
        HttpClient client = client();
        HttpResponse<String> first = send(client, get("/a"));
        assertMiss(first, "answer 1");
        assertThat(first.headers().firstValue("Cache-Status"))
                .contains("http-client; fwd=uri-miss; fwd-status=200; stored");
        clock.advance(30);
        HttpResponse<String> second = send(client, get("/a"));
        assertHit(second, "answer 1");
        CacheAssertions.assertThat(second).hasAge(30).isStoredFor(60);
        assertThat(second.headers().firstValue("Cache-Status")).contains("http-client; hit; ttl=30");
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(second.uri()).isEqualTo(url(server, "/a"));
        assertThat(second.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        assertThat(second.previousResponse()).isEmpty();
        assertThat(second.headers().firstValue("Via")).isEmpty();
        clock.advance(30);
        assertMiss(send(client, get("/a")), "answer 2");
    }

    @Test
    void sent_asynchronously_it_is_the_same() {
        serve("Cache-Control", "max-age=60");
        HttpClient client = client();
        assertMiss(client.sendAsync(get("/").build(), BodyHandlers.ofString()).join(), "answer 1");
        assertHit(
                client.sendAsync(get("/").build(), BodyHandlers.ofString(), null)
                        .join(),
                "answer 1");
    }

    @Test
    void private_responses_are_stored_and_no_store_is_not() throws Exception {
        handle("/private", exchange -> answer(exchange, 200, "mine", "Cache-Control", "private, max-age=60"));
        handle("/never", exchange -> answer(exchange, 200, "gone", "Cache-Control", "no-store"));
        HttpClient client = client();
        send(client, get("/private"));
        assertHit(send(client, get("/private")), "mine");
        send(client, get("/never"));
        assertMiss(send(client, get("/never")), "gone");
    }

    @Test
    void requests_with_other_credentials_never_share_a_response() throws Exception {
        serve("Cache-Control", "public, max-age=60");
        HttpClient client = client();
        for (String field : List.of("Authorization", "Cookie")) {
            requests.clear();
            assertMiss(send(client, get("/" + field, field, "alice")), "answer 1");
            assertMiss(send(client, get("/" + field, field, "bob")), "answer 2");
            assertMiss(send(client, get("/" + field)), "answer 3");
            assertHit(send(client, get("/" + field, field, "alice")), "answer 1");
            assertHit(send(client, get("/" + field, field, "bob")), "answer 2");
        }
    }

    @Test
    void a_function_identifies_the_user_although_the_token_changes() throws Exception {
        serve("Cache-Control", "max-age=60");
        HttpClient client = opened(
                builder().user(request -> request.headers().firstValue("X-User").orElse(null)));
        assertMiss(send(client, get("/", "X-User", "alice", "Authorization", "token 1")), "answer 1");
        assertHit(send(client, get("/", "X-User", "alice", "Authorization", "token 2")), "answer 1");
        assertMiss(send(client, get("/", "X-User", "bob", "Authorization", "token 2")), "answer 2");
        HttpResponse<String> nobody = send(client, get("/"));
        assertMiss(nobody, "answer 3");
        assertThat(nobody.headers().firstValue("Cache-Status").orElse(""))
                .contains("fwd=bypass")
                .doesNotContain("stored");
    }

    @Test
    void a_user_function_that_throws_makes_requests_bypass_the_cache() throws Exception {
        serve("Cache-Control", "max-age=60");
        HttpClient client = opened(builder().user(request -> {
            throw new IllegalStateException("no user here");
        }));
        assertMiss(send(client, get("/")), "answer 1");
        assertMiss(send(client, get("/")), "answer 2");
    }

    @Test
    void concurrent_requests_of_two_users_are_not_coalesced() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        handle("/", exchange -> {
            both.countDown();
            try {
                assertThat(both.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
            String user = exchange.getRequestHeaders().getFirst("Authorization");
            answer(exchange, 200, user, "Cache-Control", "max-age=60");
        });
        HttpClient client = client();
        CompletableFuture<HttpResponse<String>> alice =
                client.sendAsync(get("/", "Authorization", "alice").build(), BodyHandlers.ofString());
        CompletableFuture<HttpResponse<String>> bob =
                client.sendAsync(get("/", "Authorization", "bob").build(), BodyHandlers.ofString());
        assertThat(alice.join().body()).isEqualTo("alice");
        assertThat(bob.join().body()).isEqualTo("bob");
    }

    @Test
    void concurrent_requests_of_one_user_are_one_request_to_the_origin() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        handle("/", exchange -> {
            try {
                assertThat(go.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
            answer(exchange, 200, "one", "Cache-Control", "max-age=60");
        });
        HttpClient client = client();
        List<CompletableFuture<HttpResponse<String>>> all = Stream.generate(
                        () -> client.sendAsync(get("/").build(), BodyHandlers.ofString()))
                .limit(20)
                .toList();
        go.countDown();
        assertThat(all).allSatisfy(each -> assertThat(each.join().body()).isEqualTo("one"));
        assertThat(requests).hasSize(1);
    }

    @Test
    void a_post_invalidates_the_responses_of_all_users() throws Exception {
        serve("Cache-Control", "max-age=60");
        HttpClient client = client();
        send(client, get("/", "Authorization", "alice"));
        send(client, get("/", "Authorization", "bob"));
        assertMiss(
                send(client, get("/", "Authorization", "alice").POST(BodyPublishers.ofString("change"))), "answer 3");
        assertMiss(send(client, get("/", "Authorization", "alice")), "answer 4");
        assertMiss(send(client, get("/", "Authorization", "bob")), "answer 5");
    }

    @Test
    void conditions_of_the_caller_are_evaluated_by_the_cache() throws Exception {
        serve("Cache-Control", "max-age=60", "ETag", "\"1\"");
        HttpClient client = client();
        send(client, get("/"));
        HttpResponse<String> unchanged = send(client, get("/", "If-None-Match", "\"1\""));
        assertThat(unchanged.statusCode()).isEqualTo(304);
        assertThat(unchanged.body()).isEmpty();
        HttpResponse<String> part = send(client, get("/", "Range", "bytes=0-5"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertHit(part, "answer");
        assertThat(requests).hasSize(1);
    }

    @Test
    void cache_control_of_the_request_is_honoured() throws Exception {
        serve("Cache-Control", "max-age=60");
        HttpClient client = client();
        HttpResponse<String> nothing = send(client, get("/", "Cache-Control", "only-if-cached"));
        assertThat(nothing.statusCode()).isEqualTo(504);
        assertThat(requests).isEmpty();
        assertMiss(send(client, get("/")), "answer 1");
        assertHit(send(client, get("/", "Cache-Control", "only-if-cached")), "answer 1");
        assertMiss(send(client, get("/", "Cache-Control", "no-cache")), "answer 2");
        clock.advance(70);
        assertHit(send(client, get("/", "Cache-Control", "max-stale=20")), "answer 2");
    }

    @Test
    void a_stale_response_is_validated_and_serves_again() throws Exception {
        handle("/", exchange -> {
            boolean known = "\"1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
            answer(exchange, known ? 304 : 200, known ? "" : "body", "Cache-Control", "max-age=60", "ETag", "\"1\"");
        });
        HttpClient client = client();
        assertMiss(send(client, get("/")), "body");
        clock.advance(70);
        assertHit(send(client, get("/")), "body");
        assertThat(requests).hasSize(2);
        assertHit(send(client, get("/")), "body");
        assertThat(requests).hasSize(2);
    }

    @Test
    void head_is_answered_from_the_response_to_get() throws Exception {
        serve("Cache-Control", "max-age=60");
        HttpClient client = client();
        send(client, get("/"));
        HttpResponse<String> head = send(client, get("/").method("HEAD", BodyPublishers.noBody()));
        assertHit(head, "");
        assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(8);
    }

    @Test
    void redirects_are_followed_and_each_response_of_the_chain_is_stored_under_its_own_url() throws Exception {
        handle("/old", exchange -> answer(exchange, 301, "moved", "Location", "/new", "Cache-Control", "max-age=60"));
        handle("/new", exchange -> answer(exchange, 200, "here", "Cache-Control", "max-age=60"));
        HttpClient client = opened(builder().followRedirects(Redirect.NORMAL));
        HttpResponse<String> response = send(client, get("/old"));
        assertMiss(response, "here");
        assertThat(response.uri()).isEqualTo(url(server, "/new"));
        assertThat(response.request().uri()).isEqualTo(url(server, "/new"));
        HttpResponse<String> before = response.previousResponse().orElseThrow();
        assertThat(before.statusCode()).isEqualTo(301);
        assertThat(before.uri()).isEqualTo(url(server, "/old"));
        await().untilAsserted(() -> assertHit(send(client, get("/old")), "here"));
        assertHit(send(client, get("/new")), "here");
        assertThat(requests).filteredOn(request -> request.endsWith("/new")).hasSize(1);
        HttpResponse<String> unfollowed = send(client(), get("/old"));
        assertThat(unfollowed.statusCode()).isEqualTo(301);
    }

    @Test
    void a_post_that_is_redirected_becomes_a_get_or_keeps_its_content() throws Exception {
        handle("/303", exchange -> answer(exchange, 303, "", "Location", "/echo"));
        handle("/307", exchange -> {
            exchange.getRequestBody().readAllBytes();
            answer(exchange, 307, "", "Location", "/echo");
        });
        handle("/echo", exchange -> {
            String content = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            answer(exchange, 200, exchange.getRequestMethod() + " " + content);
        });
        HttpClient client = opened(builder().followRedirects(Redirect.NORMAL));
        assertMiss(send(client, get("/303").POST(BodyPublishers.ofString("form"))), "GET ");
        assertMiss(send(client, get("/307").POST(BodyPublishers.ofString("form"))), "POST form");
    }

    @Test
    void credentials_are_not_sent_to_another_origin_by_a_redirect() throws Exception {
        HttpServer other = server();
        other.createContext("/", exchange -> {
            boolean sent = exchange.getRequestHeaders().containsKey("Authorization")
                    || exchange.getRequestHeaders().containsKey("Cookie");
            answer(exchange, 200, sent ? "credentials" : "none");
            exchange.close();
        });
        handle(
                "/",
                exchange ->
                        answer(exchange, 302, "", "Location", url(other, "/").toString()));
        HttpClient client = opened(builder().followRedirects(Redirect.NORMAL));
        assertMiss(send(client, get("/", "Authorization", "secret", "Cookie", "session=1")), "none");
    }

    @Test
    void a_circle_of_redirects_ends() throws Exception {
        handle("/", exchange -> answer(exchange, 302, "", "Location", "/again"));
        HttpResponse<String> last = send(opened(builder().followRedirects(Redirect.NORMAL)), get("/"));
        assertThat(last.statusCode()).isEqualTo(302);
        assertThat(requests).hasSize(6);
    }

    @Test
    void long_bodies_are_streamed_in_both_directions() throws Exception {
        handle("/", exchange -> {
            long received = exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            exchange.sendResponseHeaders(200, 0);
            new Zeros((int) received).transferTo(exchange.getResponseBody());
        });
        HttpRequest upload = get("/").POST(BodyPublishers.ofInputStream(() -> new Zeros(MANY)))
                .build();
        HttpResponse<InputStream> response = client().send(upload, BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            long length = 0;
            byte[] buffer = new byte[1 << 16];
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                length += n;
            }
            assertThat(length).isEqualTo(MANY);
        }
    }

    private static final class Zeros extends InputStream {
        private int left;

        private Zeros(int length) {
            left = length;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] bytes, int from, int length) {
            if (left <= 0) {
                return -1;
            }
            int some = Math.min(left, length);
            left -= some;
            return some;
        }
    }

    @Test
    void every_body_handler_gets_a_hit(@TempDir Path directory) throws Exception {
        serve("Cache-Control", "max-age=60");
        HttpClient client = client();
        send(client, get("/"));
        HttpRequest request = get("/").build();
        assertThat(client.send(request, BodyHandlers.ofByteArray()).body()).isEqualTo("answer 1".getBytes(UTF_8));
        assertThat(client.send(request, BodyHandlers.ofLines()).body()).containsExactly("answer 1");
        assertThat(client.send(request, BodyHandlers.discarding()).body()).isNull();
        assertThat(client.send(request, BodyHandlers.replacing("other")).body()).isEqualTo("other");
        Path file = client.send(request, BodyHandlers.ofFile(directory.resolve("body")))
                .body();
        assertThat(Files.readString(file)).isEqualTo("answer 1");
        assertThat(text(client.sendAsync(request, BodyHandlers.ofPublisher())
                        .join()
                        .body()))
                .isEqualTo("answer 1");
        assertThat(requests).hasSize(1);
    }

    private static String text(Flow.Publisher<List<ByteBuffer>> body) {
        HttpResponse.BodySubscriber<String> reader = HttpResponse.BodySubscribers.ofString(UTF_8);
        body.subscribe(reader);
        return reader.getBody().toCompletableFuture().join();
    }

    @Test
    void a_cancelled_request_closes_its_connection_and_sends_nothing_more() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/");
            HttpClient http1 =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            CompletableFuture<HttpResponse<String>> sent = opened(builder().client(http1))
                    .sendAsync(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
            try (Socket connection = silent.accept()) {
                connection.setSoTimeout(20_000);
                InputStream received = connection.getInputStream();
                assertThat(received.read()).isEqualTo('G');
                sent.cancel(true);
                assertThat(received.readAllBytes()).isNotEmpty(); // ends, as the client closes
            }
        }
    }

    @Test
    void a_body_that_is_closed_early_cancels_the_response() throws Exception {
        CompletableFuture<IOException> cut = new CompletableFuture<>();
        handle("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                for (int i = 0; i < 1000; i++) {
                    exchange.getResponseBody().write(new byte[1 << 20]);
                }
            } catch (IOException broken) {
                cut.complete(broken);
            }
        });
        HttpResponse<InputStream> response = client().send(get("/").build(), BodyHandlers.ofInputStream());
        response.body().read();
        response.body().close();
        assertThat(cut).succeedsWithin(Duration.ofSeconds(20));
    }

    @Test
    void failures_are_those_of_the_platforms_client() throws Exception {
        HttpServer gone = server();
        gone.stop(0);
        HttpClient client = client();
        assertThatThrownBy(() -> send(client, HttpRequest.newBuilder(url(gone, "/"))))
                .isInstanceOf(ConnectException.class);
        CountDownLatch end = new CountDownLatch(1);
        handle("/", exchange -> {
            try {
                end.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
        });
        assertThatThrownBy(() -> send(client, get("/").timeout(Duration.ofMillis(50))))
                .isInstanceOf(HttpTimeoutException.class);
        end.countDown();
        assertThatThrownBy(() -> client.sendAsync(
                                HttpRequest.newBuilder(url(gone, "/")).build(), BodyHandlers.ofString())
                        .join())
                .hasCauseInstanceOf(ConnectException.class);
    }

    @Test
    void a_body_that_breaks_off_fails_and_is_not_stored() throws Exception {
        handle("/", exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write("half".getBytes(UTF_8));
            exchange.getResponseBody().flush(); // the platform's client repeats a request without any response
        });
        HttpClient client = client();
        assertThatThrownBy(() -> send(client, get("/"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> send(client, get("/"))).isInstanceOf(IOException.class);
        assertThat(requests).hasSize(2);
    }

    @Test
    void a_stale_response_is_served_while_the_origin_cannot_be_reached() throws Exception {
        serve("Cache-Control", "max-age=60");
        HttpClient client = client();
        send(client, get("/"));
        server.stop(0);
        clock.advance(70);
        HttpResponse<String> stale = send(client, get("/"));
        assertHit(stale, "answer 1");
        assertThat(stale.headers().firstValue("Cache-Status").orElse("")).contains("detail=stale-origin-unreachable");
    }

    @Test
    void cookies_of_the_origin_are_kept_and_a_hit_sets_none() throws Exception {
        handle("/", exchange -> {
            String cookie = exchange.getRequestHeaders().getFirst("Cookie");
            answer(
                    exchange,
                    200,
                    String.valueOf(cookie),
                    "Cache-Control",
                    "max-age=60",
                    "Set-Cookie",
                    "session=" + requests.size());
        });
        CookieManager cookies = new CookieManager();
        HttpClient client = opened(builder().cookieHandler(cookies).user(request -> ""));
        assertMiss(send(client, get("/a")), "null");
        assertMiss(send(client, get("/b")), "session=1");
        assertHit(send(client, get("/a")), "null");
        assertMiss(send(client, get("/c")), "session=2");
    }

    @Test
    void fields_that_a_proxy_would_drop_are_sent_and_are_part_of_the_key() throws Exception {
        handle(
                "/",
                exchange -> answer(
                        exchange,
                        200,
                        exchange.getRequestHeaders().getFirst("X-Forwarded-Host")
                                + exchange.getRequestHeaders().getFirst("Via"),
                        "Cache-Control",
                        "max-age=60"));
        HttpClient client = client();
        assertMiss(send(client, get("/", "X-Forwarded-Host", "a.example")), "a.examplenull");
        assertMiss(send(client, get("/", "X-Forwarded-Host", "b.example")), "b.examplenull");
        assertHit(send(client, get("/", "X-Forwarded-Host", "a.example")), "a.examplenull");
    }

    @Test
    void a_query_is_answered_by_its_content() throws Exception {
        handle(
                "/",
                exchange -> answer(
                        exchange,
                        200,
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8) + requests.size(),
                        "Cache-Control",
                        "max-age=60"));
        HttpClient client = client();
        assertMiss(send(client, get("/").method("QUERY", BodyPublishers.ofString("a"))), "a1");
        assertMiss(send(client, get("/").method("QUERY", BodyPublishers.ofString("b"))), "b2");
        assertHit(send(client, get("/").method("QUERY", BodyPublishers.ofString("a"))), "a1");
    }

    @Test
    void a_url_with_a_fragment_and_other_letters_is_sent() throws Exception {
        serve("Cache-Control", "max-age=60");
        HttpClient client = client();
        assertMiss(send(client, get("/grüße#part")), "answer 1");
        assertHit(send(client, get("/grüße")), "answer 1");
        assertThat(requests).containsExactly("GET /gr%C3%BC%C3%9Fe");
    }

    @Test
    void a_client_that_follows_redirects_by_itself_is_rejected() {
        HttpClient follows =
                HttpClient.newBuilder().followRedirects(Redirect.ALWAYS).build();
        assertThatThrownBy(() -> builder().client(follows).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("redirects");
    }
}
