package io.cachingproxy.metrics;

import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.store.Purge;
import io.cachingproxy.store.RemoteStoreListener.Message;
import io.cachingproxy.store.redis.RedisStore;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisStoreMetricsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final RedisProcess redis = SERVERS.start();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final RedisStore store = open();

    private RedisStore open() {
        return RedisStore.at(redis.url()).deadline(Duration.ofSeconds(1)).open();
    }

    @BeforeEach
    void awaitReady() {
        new RedisStoreMetrics(store).bindTo(registry);
        await().atMost(PATIENCE).until(store::isReady);
    }

    @AfterEach
    void close() {
        store.close();
        redis.close();
    }

    private double gauge(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    private long operations(String name, String outcome) {
        Timer timer = registry.find("db.client.operation.duration")
                .tags("db.system.name", "redis", "db.operation.name", name, "outcome", outcome)
                .timer();
        return timer == null ? 0 : timer.count();
    }

    private long lags(Message message) {
        return registry.get("redis.invalidation.lag")
                .tag("message", message.tag())
                .timer()
                .count();
    }

    @Test
    void each_operation_in_redis_is_timed_and_a_hit_near_is_none() {
        find(store, key("/a"));
        assertThat(operations("find", "ok")).isEqualTo(1);
        await().until(() -> store(store, key("/a"), "hello"));
        assertThat(operations("begin", "ok")).isPositive();
        assertThat(operations("commit", "ok")).isPositive();
        await().atMost(PATIENCE).until(() -> {
            find(store, key("/a")); // becomes a near copy
            return store.findHere(key("/a")) != null;
        });
        long before = operations("find", "ok");
        for (int i = 0; i < 100; i++) {
            find(store, key("/a"));
        }
        assertThat(operations("find", "ok")).isEqualTo(before);
        join(store.invalidate(key("/a")));
        assertThat(operations("stamp", "ok")).isPositive();
        assertThat(operations("invalidate", "ok")).isEqualTo(1);
        join(store.purge(Purge.hard(new Purge.Scope.Tag("t"))));
        assertThat(operations("purge", "ok")).isEqualTo(1);
    }

    @Test
    void a_change_by_another_node_has_a_lag_and_a_change_by_this_one_has_none() {
        await().atMost(PATIENCE).until(() -> lags(Message.HEARTBEAT) > 0);
        join(store.purge(Purge.hard(new Purge.Scope.Tag("mine"))));
        join(store.invalidate(key("/mine")));
        try (RedisStore other = open()) {
            await().atMost(PATIENCE).until(other::isReady);
            join(other.purge(Purge.hard(new Purge.Scope.Tag("t"))));
            join(other.invalidate(key("/a")));
            await().atMost(PATIENCE).until(() -> lags(Message.CHANGE) == 2);
        }
        Timer lag =
                registry.get("redis.invalidation.lag").tag("message", "change").timer();
        assertThat(lag.max(TimeUnit.SECONDS))
                .isBetween(0.0, PATIENCE.toSeconds() * 1.0); // 0: less than the clocks tell
    }

    @Test
    void an_outage_opens_the_breaker_and_rejects_operations() {
        assertThat(gauge("redis.available")).isEqualTo(1);
        assertThat(gauge("redis.near.trusted")).isEqualTo(1);
        assertThat(gauge("redis.breakers", "state", "closed")).isEqualTo(1);
        assertThat(gauge("redis.channel.silence")).isLessThan(1);
        redis.close();
        await().atMost(PATIENCE).until(() -> gauge("redis.available") == 0);
        join(store.purge(Purge.hard(new Purge.Scope.Tag("t"))));
        join(store.invalidate(key("/a")));
        find(store, key("/b"));
        assertThat(gauge("redis.breakers", "state", "closed")).isZero();
        assertThat(gauge("redis.breakers", "state", "open")).isEqualTo(1);
        assertThat(gauge("redis.pending", "kind", "purge")).isEqualTo(1);
        assertThat(gauge("redis.pending", "kind", "invalidation")).isEqualTo(1);
        assertThat(registry.get("redis.breaker.opened").functionCounter().count())
                .isEqualTo(1);
        assertThat(registry.get("redis.breaker.rejected").functionCounter().count())
                .isGreaterThanOrEqualTo(3);
        assertThat(operations("pulse", "failed") + operations("pulse", "timeout"))
                .isPositive();
        await().atMost(PATIENCE).until(() -> gauge("redis.near.trusted") == 0);
    }

    @Test
    void a_registry_that_is_bound_later_gets_what_happens_from_then_on() {
        find(store, key("/a"));
        MeterRegistry second = new SimpleMeterRegistry();
        RedisStoreMetrics tagged = new RedisStoreMetrics(store, List.of(Tag.of("cache", "pages")));
        tagged.bindTo(second);
        find(store, key("/b"));
        assertThat(second.get("db.client.operation.duration")
                        .tags("cache", "pages", "db.operation.name", "find")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(operations("find", "ok")).isEqualTo(2);
        MeterRegistry third = new SimpleMeterRegistry();
        tagged.bindTo(third);
        find(store, key("/c"));
        for (MeterRegistry bound : List.of(second, third)) {
            assertThat(bound.get("db.client.operation.duration")
                            .tag("db.operation.name", "find")
                            .timer()
                            .count())
                    .isEqualTo(bound == second ? 2 : 1);
        }
    }

    @Test
    void every_meter_and_every_operation_stands_in_the_guide() throws IOException {
        find(store, key("/a"));
        String guide = Files.readString(Path.of("README.md"));
        assertThat(registry.getMeters())
                .extracting(Meter::getId)
                .extracting(Meter.Id::getName)
                .filteredOn(name -> !name.endsWith(".histogram")) // the form of buckets in this registry
                .contains("db.client.operation.duration", "redis.invalidation.lag")
                .allSatisfy(name -> assertThat(guide).contains("| `" + name + "` |"));
    }
}
