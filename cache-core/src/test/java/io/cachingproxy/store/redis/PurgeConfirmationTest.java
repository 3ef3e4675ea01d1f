package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A purge is confirmed if Redis has this very purge, whatever was known of Redis the moment before. */
class PurgeConfirmationTest {
    private static final Duration RECOVERS = Duration.ofSeconds(5);

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final CacheKey key = key("/a");
    private final RedisProcess redis = SERVERS.start();
    private final RedisStore store = Stores.awaitReady(RedisStore.at(redis.url())
            .deadline(Duration.ofMillis(200))
            .near(new MemoryStore(1 << 20, 1 << 20))
            .open());

    @AfterEach
    void close() {
        store.close();
        redis.close();
    }

    private List<Purge> purges() {
        List<Purge> all = new ArrayList<>();
        for (Scope scope : List.of(
                new Scope.Url(key.target()),
                new Scope.Prefix(key.target().origin() + "/"),
                new Scope.Tag(key.target().origin(), "t"),
                new Scope.Tag("t"),
                Scope.Group.of(key.target(), "g"),
                new Scope.All(key.target().origin()),
                new Scope.All())) {
            all.add(Purge.hard(scope));
            all.add(Purge.soft(scope, Instant.now()));
        }
        return all;
    }

    private List<Confirmation> purged() {
        List<CompletionStage<Confirmation>> begun =
                purges().stream().map(store::purge).toList();
        return begun.stream().map(stage -> join(stage)).toList();
    }

    @Test
    void what_redis_has_is_confirmed() {
        await().atMost(RECOVERS).until(() -> purged().stream().allMatch(Confirmation.CONFIRMED::equals));
    }

    @Test
    void a_redis_that_hangs_confirms_nothing_from_the_first_moment() {
        redis.freeze();
        assertThat(store.isReachable()).isTrue();
        assertThat(purged()).containsOnly(Confirmation.PENDING);
    }

    @Test
    void a_redis_that_was_killed_confirms_nothing_from_the_first_moment() {
        redis.kill();
        assertThat(purged()).containsOnly(Confirmation.PENDING);
        await().atMost(RECOVERS).until(() -> !store.isReachable());
        assertThat(purged()).containsOnly(Confirmation.PENDING);
    }

    @Test
    void what_was_not_confirmed_reaches_the_others_when_redis_is_back() {
        await().atMost(RECOVERS).until(() -> store(store, key, response("Cache-Tag", "t"), "old"));
        try (RedisStore other = Stores.ready(RedisStore.at(redis.url()))) {
            assertThat(bodies(other, key)).containsExactly("old");
            redis.freeze();
            assertThat(join(store.purge(Purge.hard(new Scope.Tag("t"))))).isEqualTo(Confirmation.PENDING);
            assertThat(find(store, key)).isEmpty();
            redis.thaw();
            await().atMost(RECOVERS).until(() -> find(other, key).isEmpty());
        }
    }

    @Test
    void a_store_in_memory_is_all_there_is_and_confirms() {
        try (MemoryStore memory = new MemoryStore(1 << 20, 1 << 20)) {
            assertThat(join(memory.purge(Purge.hard(new Scope.All())))).isEqualTo(Confirmation.CONFIRMED);
        }
    }
}
