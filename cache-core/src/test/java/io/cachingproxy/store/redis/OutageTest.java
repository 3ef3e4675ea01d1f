package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.store;
import static io.cachingproxy.testkit.StoredResponses.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.entries.RedisFill;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Redis away, hung, full or emptied: nothing fails, nothing waits, and it heals by itself. */
class OutageTest {
    private static final Duration OPENS = Duration.ofSeconds(2);
    private static final Duration RECOVERS = Duration.ofSeconds(5);

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final CacheKey key = key("/a");
    private final RedisProcess redis = SERVERS.start();
    private final RedisStore store = open(redis.url());

    private static RedisStore open(String url) {
        return RedisStore.at(url).near(new MemoryStore(1 << 20, 1 << 20)).open();
    }

    @AfterEach
    void closeStore() {
        store.close();
        redis.close();
    }

    @Test
    void redis_may_be_missing_at_the_start_and_come_later() {
        redis.kill();
        try (RedisStore early = open(redis.url())) {
            assertThat(find(early, key)).isEmpty();
            store(early, key("/near"), "near");
            assertThat(bodies(early, key("/near"))).containsExactly("near");
            redis.restart();
            await().atMost(RECOVERS).until(early::isReachable);
            Stores.awaitReady(early);
            await().until(() -> store(early, key, "shared"));
            assertThat(redis.command("DBSIZE")).isNotEqualTo(0L);
        }
    }

    @Test
    void near_copies_answer_while_redis_is_dead_and_it_heals() {
        Stores.awaitReady(store);
        await().until(() -> store(store, key, "hello"));
        await().until(() -> !find(store, key).isEmpty());
        redis.kill();
        await().atMost(OPENS).until(() -> !store.isReachable());
        assertThat(bodies(store, key)).containsExactly("hello");
        redis.restart();
        await().atMost(RECOVERS).until(store::isReachable);
        Stores.awaitReady(store);
        await().until(() -> store(store, key, "again"));
        assertThat(bodies(store, key)).containsExactly("again");
    }

    @Test
    void a_hung_redis_costs_the_deadline_and_then_nothing() {
        Stores.awaitReady(store);
        redis.freeze();
        Fill fill = store.fill(key);
        List<Duration> slow = new ArrayList<>();
        for (long start = System.nanoTime(); System.nanoTime() - start < 1_500_000_000; ) {
            long asked = System.nanoTime();
            assertThat(find(store, key)).isEmpty();
            Duration took = Duration.ofNanos(System.nanoTime() - asked);
            if (took.compareTo(Duration.ofMillis(250)) > 0) {
                slow.add(took);
            }
        }
        assertThat(slow).hasSizeLessThanOrEqualTo(1); // the machine may stand still once
        assertThat(store.isReachable()).isFalse();
        fill.write(utf8("hello"));
        assertThat(join(fill.commit(response()))).isTrue();
        assertThat(bodies(store, key)).containsExactly("hello");
        redis.thaw();
        await().atMost(RECOVERS).until(store::isReachable);
    }

    @Test
    void those_who_wait_for_another_node_are_woken_when_redis_hangs() {
        Stores.awaitReady(store);
        try (RedisStore other = Stores.awaitReady(open(redis.url()))) {
            assertThat(join(other.leases().ask(key, ""))).isInstanceOf(FillLeases.Held.class);
            var over = ((FillLeases.Elsewhere) join(store.leases().ask(key, ""))).over();
            redis.freeze();
            long frozen = System.nanoTime();
            join(over);
            assertThat(Duration.ofNanos(System.nanoTime() - frozen)).isLessThan(Duration.ofMillis(1000));
            assertThat(store.isReachable()).isFalse();
            redis.thaw();
        }
    }

    @Test
    void a_request_waits_for_a_hung_redis_once_and_not_once_for_each_thing_it_asks() {
        Stores.awaitReady(store);
        redis.freeze();
        long asked = System.nanoTime();
        find(store, key);
        long found = System.nanoTime();
        assertThat(join(store.leases().ask(key, ""))).isInstanceOf(FillLeases.Held.class);
        find(store, key);
        store.fill(key).discard();
        assertThat(Duration.ofNanos(System.nanoTime() - found)).isLessThan(Duration.ofMillis(45));
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofMillis(250));
        redis.thaw();
    }

    @Test
    void what_was_removed_while_redis_was_hung_does_not_come_back() {
        Stores.awaitReady(store);
        await().until(() -> store(store, key, "old"));
        redis.freeze();
        join(store.invalidate(key));
        redis.thaw();
        await().atMost(RECOVERS).until(() -> {
            assertThat(find(store, key)).isEmpty();
            return store.isReachable() && isTombstone(redis.command("GET", new KeyNames("cp").entry(key)));
        });
    }

    @Test
    void more_purges_than_are_remembered_while_redis_was_hung_purge_everything_once() {
        Stores.awaitReady(store);
        await().until(() -> store(store, key, "old"));
        redis.freeze();
        await().atMost(OPENS).until(() -> !store.isReachable());
        for (int i = 0; i <= 1000; i++) {
            join(store.purge(Purge.hard(new Purge.Scope.Tag("t" + i))));
        }
        redis.thaw();
        await().atMost(RECOVERS)
                .until(() -> store.isReachable() && find(store, key).isEmpty());
        await().atMost(RECOVERS).until(() -> store(store, key, "new"));
        try (RedisStore other = Stores.awaitReady(open(redis.url()))) {
            assertThat(bodies(other, key)).containsExactly("new");
        }
        assertThat(bodies(store, key)).containsExactly("new");
    }

    private static boolean isTombstone(@Nullable Object entry) {
        return String.valueOf(entry).matches("[1-9][0-9]{15}0{16}");
    }

    @Test
    void a_full_redis_is_reachable_and_still_answers() {
        Stores.awaitReady(store);
        await().until(() -> store(store, key, "hello"));
        redis.command("CONFIG", "SET", "maxmemory", "1");
        assertThat(store(store, key("/full"), "x")).isTrue();
        assertThat(bodies(store, key("/full"))).containsExactly("x");
        for (int i = 0; i < 20; i++) {
            assertThat(store(store, key("/full/" + i), "x")).isTrue();
        }
        assertThat(store.isReachable()).isTrue();
        assertThat(bodies(store, key)).containsExactly("hello");
        redis.command("CONFIG", "SET", "maxmemory", "0");
        await().until(() -> store(store, key("/full"), "x"));
    }

    @Test
    void a_fill_that_redis_forgot_is_refused() {
        Stores.awaitReady(store);
        Fill fill = store.fill(key);
        join(((RedisFill) fill).progress());
        redis.command("FLUSHALL");
        assertThat(join(fill.commit(response()))).isFalse();
        assertThat(find(store, key)).isEmpty();
        await().until(() -> store(store, key, "new"));
    }

    @Test
    void clearing_an_unreachable_redis_fails_in_words() {
        redis.kill();
        try (RedisStore alone = open(redis.url())) {
            assertThatThrownBy(() -> join(alone.clearOrFail()))
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(RedisUnavailableException.class)
                    .hasMessageStartingWith("Redis is not reachable");
            join(alone.clear());
        }
    }

    @Test
    void a_wrong_password_is_an_outage_and_named_without_the_password() {
        try (RedisProcess guarded = SERVERS.start("--requirepass", "hush");
                RedisStore wrong = open("redis://:wrong@127.0.0.1:" + guarded.port())) {
            assertThat(find(wrong, key)).isEmpty();
            assertThatThrownBy(() -> join(wrong.clearOrFail()))
                    .cause()
                    .hasMessage("Redis cannot be used: it refuses the user or password");
            assertThat(wrong.outage()).contains("it refuses the user or password");
            try (RedisStore right = open("redis://:hush@127.0.0.1:" + guarded.port())) {
                Stores.awaitReady(right);
            }
        }
    }

    @Test
    void a_missing_password_is_named() {
        try (RedisProcess guarded = SERVERS.start("--requirepass", "hush");
                RedisStore without = open("redis://127.0.0.1:" + guarded.port())) {
            assertThatThrownBy(() -> join(without.clearOrFail()))
                    .cause()
                    .hasMessage("Redis cannot be used: it requires a password");
        }
    }

    @Test
    void tls_to_a_redis_without_it_is_named_as_a_cause() {
        try (RedisStore secure = open("rediss://127.0.0.1:" + redis.port())) {
            assertThatThrownBy(() -> join(secure.clearOrFail())).cause().hasMessageContaining("TLS (rediss://)");
        }
    }

    @Test
    void a_user_with_the_least_rights_that_suffice_can_do_everything() {
        String rights = "on >p resetchannels ~cp:* &cp:* -@all +@read +@write +@connection +@pubsub +@scripting +time"
                + " +info";
        redis.command(("ACL SETUSER cache " + rights).split(" "));
        redis.command("SET", "foreign", "stays");
        try (RedisStore least = Stores.ready(RedisStore.at("redis://cache:p@127.0.0.1:" + redis.port()))) {
            assertThat(store(least, key, "hello")).isTrue();
            assertThat(bodies(least, key)).containsExactly("hello");
            join(least.invalidate(key));
            assertThat(store(least, key, "hello")).isTrue();
            assertThat(join(least.clearOrFail())).isEqualTo(1);
            assertThat(redis.command("GET", "foreign")).isEqualTo("stays");
            assertThat((List<?>) redis.command("ACL", "LOG"))
                    .as("Redisson tries once, as it connects, to read test1 and test2")
                    .allMatch(denied -> denied.toString().contains("object, test1"));
        }
    }
}
