package io.cachingproxy.cli;

import static io.cachingproxy.cli.Client.assertHit;
import static io.cachingproxy.cli.Client.assertMiss;
import static io.cachingproxy.cli.Client.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.cli.RunningProxy.Ended;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two proxies on one Redis are one cache. */
@Tag("faults")
class RedisAcceptanceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private RedisProcess redis;
    private TestOrigin origin;
    private RunningProxy one;
    private RunningProxy two;

    @BeforeEach
    void start() throws IOException {
        redis = new RedisProcess();
        origin = TestOrigin.start().on("/a", "a").on("/b", "b").on("/c", "c");
        one = RunningProxy.start(origin.uri(), "--redis=" + redis.url(), "--redis-deadline=2s");
        two = RunningProxy.start(origin.uri(), "--redis=" + redis.url(), "--redis-deadline=2s");
    }

    @AfterEach
    void stop() throws IOException {
        one.close();
        two.close();
        origin.close();
        redis.close();
    }

    @Test
    void what_one_stored_the_other_finds() throws Exception {
        assertThat(one.startLine()).contains("stored in Redis at " + redis.url());
        assertMiss(get(one.uri("/a")));
        await().atMost(PATIENCE).untilAsserted(() -> assertHit(get(two.uri("/a"))));
        assertThat(get(two.uri("/a")).body()).isEqualTo(get(one.uri("/a")).body());
    }

    @Test
    void clients_of_both_at_a_cold_key_make_one_request() throws Exception {
        fillBoth();
        CountDownLatch release = new CountDownLatch(1);
        origin.on("/cold", exchange -> {
            await().atMost(PATIENCE).until(() -> release.await(1, TimeUnit.SECONDS));
            TestOrigin.send(exchange, 200, "cold".getBytes(StandardCharsets.UTF_8));
        });
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            RunningProxy proxy = i % 2 == 0 ? one : two;
            answers.add(Client.begin(proxy.uri("/cold")));
        }
        await().atMost(PATIENCE).until(() -> requests("/cold") > 0);
        release.countDown();
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS).body()).asString().isEqualTo("cold");
        }
        assertThat(requests("/cold")).isEqualTo(1);
    }

    @Test
    void a_third_process_clears_both_and_leaves_foreign_keys_alone() throws Exception {
        redis.ask("SET foreign kept");
        redis.ask("SET cpx:other kept");
        fillBoth();
        int asked = origin.received().size();
        Ended cleared = RunningProxy.run("--clear-cache", "--redis=" + redis.url());
        assertThat(cleared).isEqualTo(new Ended(0, "Cache cleared" + System.lineSeparator(), ""));
        await().atMost(PATIENCE).untilAsserted(() -> {
            get(one.uri("/a"));
            get(two.uri("/b"));
            assertThat(origin.received()).hasSizeGreaterThanOrEqualTo(asked + 2);
        });
        assertThat(redis.ask("EXISTS foreign cpx:other")).isEqualTo(":2");
    }

    @Test
    void the_admin_listener_of_one_clears_both() throws Exception {
        fillBoth();
        Ended cleared = RunningProxy.run("--clear-cache", "--admin-port", "" + one.adminPort());
        assertThat(cleared.out()).startsWith("Cache cleared");
        assertMiss(get(one.uri("/a")));
        await().atMost(PATIENCE).untilAsserted(() -> assertMiss(get(two.uri("/b"))));
    }

    private long requests(String path) {
        return origin.received().stream()
                .filter(request -> request.target().getPath().equals(path))
                .count();
    }

    /** /a is stored by and near to the first, /b the second. */
    private void fillBoth() throws Exception {
        assertMiss(get(one.uri("/a")));
        assertMiss(get(two.uri("/b")));
        await().atMost(PATIENCE).untilAsserted(() -> assertHit(get(one.uri("/a"))));
        await().atMost(PATIENCE).untilAsserted(() -> assertHit(get(two.uri("/b"))));
    }

    @Test
    void a_redis_that_goes_away_fails_no_request_and_heals() throws Exception {
        assertMiss(get(one.uri("/a")));
        redis.goAway();
        assertThat(get(one.uri("/b")).statusCode()).isEqualTo(200);
        assertThat(get(two.uri("/b")).statusCode()).isEqualTo(200);
        redis.comeBack();
        await().atMost(PATIENCE).untilAsserted(() -> {
            String target = "/c?" + System.nanoTime();
            get(one.uri(target));
            assertHit(get(one.uri(target)));
            assertHit(get(two.uri(target)));
        });
    }

    @Test
    void a_redis_that_is_away_at_start_is_no_failure() throws Exception {
        String nowhere = "redis://127.0.0.1:" + FreePort.number();
        try (RunningProxy proxy = RunningProxy.start(origin.uri(), "--redis=" + nowhere)) {
            assertThat(proxy.startLine())
                    .contains(
                            "stored in Redis at " + nowhere,
                            "which cannot be used now: no connection",
                            "(see --redis)");
            assertThat(get(proxy.uri("/a")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void what_is_in_redis_is_a_hit_from_the_first_request_after_a_start_on() throws Exception {
        fillBoth();
        for (int found = 0; found < 2; ) {
            try (RunningProxy next =
                    RunningProxy.start(origin.uri(), "--redis=" + redis.url(), "--redis-deadline=2s")) {
                if (!next.startLine()
                        .contains("cannot be used")) { // as where the machine is too busy to connect in time
                    assertHit(get(next.uri("/a")));
                    found++;
                }
            }
        }
    }

    @Test
    void a_refused_password_is_named_with_its_option() throws Exception {
        redis.ask("CONFIG SET requirepass hush");
        String url = "redis://:wrong@" + redis.url().substring("redis://".length());
        try (RunningProxy proxy = RunningProxy.start(origin.uri(), "--redis=" + url)) {
            assertThat(proxy.startLine())
                    .contains("which cannot be used now: it refuses the user or password (see --redis)")
                    .doesNotContain("wrong");
        }
        Ended ended = RunningProxy.run("--clear-cache", "--redis=" + url);
        assertThat(ended.err()).contains("Redis cannot be used: it refuses the user or password (see --redis)");
        assertThat(ended.exitCode()).isEqualTo(1);
    }

    @Test
    void clearing_a_redis_that_is_away_is_one_line_and_1() throws Exception {
        String nowhere = "redis://:secret@127.0.0.1:" + FreePort.number();
        Ended ended = RunningProxy.run("--clear-cache", "--redis=" + nowhere);
        assertThat(ended.err().lines()).hasSize(1);
        assertThat(ended.err())
                .startsWith("caching-proxy: Nothing cleared in redis://127.0.0.1:")
                .doesNotContain("secret");
        assertThat(ended.out()).isEmpty();
        assertThat(ended.exitCode()).isEqualTo(1);
    }
}
