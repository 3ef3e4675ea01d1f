package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Three proxies on one Redis, and many clients at once. */
@Tag("faults")
class ManyProxiesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final byte[] BODY = "x".repeat(200_000).getBytes(StandardCharsets.UTF_8);

    private RedisProcess redis;
    private TestOrigin origin;
    private final List<RunningProxy> proxies = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        redis = new RedisProcess();
        origin = TestOrigin.start().on("/warm", "warm", "Cache-Control", "max-age=60");
        for (int i = 0; i < 3; i++) {
            proxies.add(RunningProxy.start(origin.uri(), "--redis=" + redis.url(), "--redis-deadline=2s"));
        }
        Client.get(proxies.get(0).uri("/warm"));
        for (RunningProxy proxy : proxies) {
            await().atMost(PATIENCE).untilAsserted(() -> Client.assertHit(Client.get(proxy.uri("/warm"))));
        }
    }

    @AfterEach
    void stop() throws IOException {
        for (RunningProxy proxy : proxies) {
            proxy.close();
        }
        origin.close();
        redis.close();
    }

    @Test
    void five_hundred_clients_at_a_cold_key_make_one_request() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        origin.on("/cold", exchange -> {
            awaitRelease(release);
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            TestOrigin.send(exchange, 200, BODY);
        });
        List<CompletableFuture<HttpResponse<byte[]>>> answers = begin(500, "/cold");
        await().atMost(PATIENCE).until(() -> requests("/cold") > 0);
        release.countDown();
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertServed(answer);
        }
        assertThat(requests("/cold")).isEqualTo(1);
    }

    @Test
    void a_node_that_dies_while_it_fills_fails_no_client_of_the_others() throws Exception {
        CountDownLatch stalled = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        origin.on("/cold", exchange -> {
            exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
            if (asked.incrementAndGet() == 1) {
                half(exchange);
                awaitRelease(stalled);
            } else {
                TestOrigin.send(exchange, 200, BODY);
            }
        });
        Client.begin(proxies.get(0).uri("/cold"));
        await().atMost(PATIENCE).until(() -> asked.get() == 1);
        List<CompletableFuture<HttpResponse<byte[]>>> others = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            others.add(Client.begin(proxies.get(1 + i % 2).uri("/cold")));
        }
        proxies.get(0).close();
        long died = System.nanoTime();
        for (CompletableFuture<HttpResponse<byte[]>> other : others) {
            assertServed(other);
        }
        // The lease lasts 1.8 s; the rest is for a machine that is busy.
        Duration waited = Duration.ofNanos(System.nanoTime() - died);
        assertThat(waited).isLessThan(Duration.ofSeconds(6));
        System.out.println("served " + waited.toMillis() + " ms after the node died");
        assertThat(asked.get()).isBetween(2, 3);
        stalled.countDown();
    }

    @Test
    void nothing_from_before_a_purge_is_seen_after_it_though_a_thousand_fills_raced() throws Exception {
        AtomicInteger version = new AtomicInteger(1);
        for (int i = 0; i < 1000; i++) {
            origin.on("/race/" + i, exchange -> {
                byte[] body = Integer.toString(version.get()).getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().add("Cache-Control", "max-age=60");
                exchange.getResponseHeaders().add("Cache-Tag", "race");
                TestOrigin.send(exchange, 200, body);
            });
        }
        Semaphore atOnce = new Semaphore(60); // the origin's share of a small machine
        List<CompletableFuture<HttpResponse<byte[]>>> racing = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            atOnce.acquire();
            racing.add(Client.begin(proxies.get(i % 3).uri("/race/" + i))
                    .whenComplete((answer, failure) -> atOnce.release()));
            if (i == 500) {
                version.set(2);
                HttpResponse<byte[]> purged = Client.send("POST", proxies.get(0).adminUri("/cache/purge?tag=race"), "");
                assertThat(purged.statusCode()).isEqualTo(200);
            }
        }
        for (CompletableFuture<HttpResponse<byte[]>> answer : racing) {
            assertThat(answer.get(30, TimeUnit.SECONDS).statusCode())
                    .as(new String(answer.get().body(), StandardCharsets.UTF_8))
                    .isEqualTo(200);
        }
        for (int i = 0; i < 1000; i++) {
            for (RunningProxy proxy : List.of(proxies.get(i % 3), proxies.get((i + 1) % 3))) {
                assertThat(Client.get(proxy.uri("/race/" + i)).body())
                        .asString()
                        .isEqualTo("2");
            }
        }
    }

    private static void assertServed(CompletableFuture<HttpResponse<byte[]>> answer) throws Exception {
        HttpResponse<byte[]> served = answer.get(30, TimeUnit.SECONDS);
        String start = new String(served.body(), 0, Math.min(100, served.body().length), StandardCharsets.UTF_8);
        assertThat(served.statusCode()).as(start).isEqualTo(200);
        assertThat(served.body()).isEqualTo(BODY);
    }

    private List<CompletableFuture<HttpResponse<byte[]>>> begin(int count, String path) {
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(Client.begin(proxies.get(i % 3).uri(path)));
        }
        return answers;
    }

    private static void half(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, BODY.length);
        OutputStream body = exchange.getResponseBody();
        body.write(BODY, 0, BODY.length / 2);
        body.flush();
    }

    private static void awaitRelease(CountDownLatch release) {
        await().atMost(PATIENCE).until(() -> release.await(1, TimeUnit.SECONDS));
    }

    private long requests(String path) {
        return origin.received().stream()
                .filter(request -> request.target().getPath().equals(path))
                .count();
    }
}
