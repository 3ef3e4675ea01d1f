package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.bytes;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.language;
import static io.cachingproxy.testkit.StoredResponses.random;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.store;
import static io.cachingproxy.testkit.StoredResponses.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.entries.EntryWriter;
import io.cachingproxy.store.redis.entries.RedisFill;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import io.cachingproxy.testkit.Relay;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a node has committed is found there at once, while Redis takes its time; and what is removed is not. */
class SlowRedisTest {
    /** Long beside what a busy machine takes, and within the deadline. */
    private static final Duration LATE = Duration.ofMillis(300);

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final CacheKey key = key("/a");
    private final RedisProcess redis = SERVERS.start();
    private final Relay relay = Relay.to(redis.port());
    private final RedisStore store =
            Stores.ready(RedisStore.at("redis://127.0.0.1:" + relay.port()), new MemoryStore(64 << 20, 16 << 20));
    private final RedisStore other = Stores.ready(RedisStore.at(redis.url()));

    @AfterEach
    void close() {
        store.close();
        other.close();
        relay.close();
        redis.close();
    }

    private CompletableFuture<Boolean> committed(Fill fill, StoredResponse response, byte[] body) {
        fill.write(ByteBuffer.wrap(body));
        return fill.commit(response).toCompletableFuture();
    }

    private CompletableFuture<Boolean> committedLate(StoredResponse response, byte[] body) {
        Fill fill = store.fill(key);
        relay.answerLate(LATE);
        CompletableFuture<Boolean> stored = committed(fill, response, body);
        assertThat(stored).isNotDone();
        return stored;
    }

    @Test
    void what_redis_has_not_yet_taken_is_found_where_it_was_committed() throws IOException {
        for (int length : new int[] {0, 1000, 600_000}) {
            CompletableFuture<Boolean> stored = committedLate(response(), random(length));
            assertThat(bytes(find(store, key).get(0).body().read())).isEqualTo(random(length));
            assertThat(join(stored)).isTrue();
            assertThat(bytes(find(store, key).get(0).body().read())).isEqualTo(random(length));
            relay.pass();
            assertThat(bytes(find(other, key).get(0).body().read())).isEqualTo(random(length));
        }
    }

    @Test
    void it_takes_the_place_of_the_same_variant_and_stands_before_the_others() {
        assertThat(store(store, key, response(language("de")), "alt")).isTrue();
        assertThat(store(store, key, response(language("en")), "old")).isTrue();
        committedLate(response(language("de")), "neu".getBytes());
        assertThat(bodies(store, key)).containsExactly("neu", "old");
    }

    @Test
    void what_is_removed_here_is_not_found_though_redis_has_not_yet_refused_it() {
        CompletableFuture<Boolean> stored = committedLate(response("Cache-Tag", "t"), random(10));
        assertThat(find(store, key)).hasSize(1);
        CompletableFuture<Void> removed = store.invalidate(key).toCompletableFuture();
        assertThat(find(store, key)).isEmpty();
        join(removed);
        join(stored);
        await().until(() -> find(store, key).isEmpty());
    }

    @Test
    void what_is_purged_here_is_not_found_though_redis_has_not_yet_refused_it() {
        CompletableFuture<Boolean> stored = committedLate(response("Cache-Tag", "t"), random(10));
        var purged = store.purge(Purge.hard(new Purge.Scope.Tag("t")));
        assertThat(find(store, key)).isEmpty();
        join(purged);
        join(stored);
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void what_another_node_removes_is_not_found_once_this_one_hears_of_it() {
        CompletableFuture<Boolean> stored = committedLate(response(), random(10));
        join(other.invalidate(key));
        await().atMost(Duration.ofSeconds(2)).until(() -> find(store, key).isEmpty());
        join(stored);
        assertThat(find(other, key)).isEmpty();
    }

    @Test
    void what_redis_refuses_is_not_found_any_more() {
        Fill fill = store.fill(key);
        assertThat(join(((RedisFill) fill).progress())).isEqualTo(EntryWriter.Written.DONE);
        redis.command("FLUSHALL");
        assertThat(join(committed(fill, response(), random(10)))).isFalse();
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void what_redis_could_not_be_given_is_found_here_while_redis_is_away() throws IOException {
        for (int length : new int[] {1000, 600_000}) {
            Fill fill = store.fill(key);
            redis.freeze();
            CompletableFuture<Boolean> stored = committed(fill, response(), random(length));
            assertThat(find(store, key)).hasSize(1);
            await().atMost(Duration.ofSeconds(20)).until(stored::isDone);
            assertThat(bytes(find(store, key).get(0).body().read())).isEqualTo(random(length));
            redis.thaw();
            Stores.awaitReady(store);
        }
    }

    @Test
    void a_small_response_takes_two_round_trips_from_its_request_to_its_commit() {
        assertThat(timed(random(1000))).isLessThan(LATE.multipliedBy(3).minusMillis(20));
    }

    @Test
    void the_windows_of_a_large_response_do_not_wait_for_one_another() {
        assertThat(timed(random(4_000_000))).isLessThan(LATE.multipliedBy(8)); // of 16 windows
    }

    /** Scripts are sent to Redis once, so not the first time counts. */
    private Duration timed(byte[] body) {
        join(committed(store.fill(key), response(), body));
        relay.answerLate(LATE);
        long start = System.nanoTime();
        assertThat(join(committed(store.fill(key), response(), body))).isTrue();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void fills_that_are_over_leave_nothing_in_the_backlog() {
        List<Fill> fills = List.of(store.fill(key), store.fill(key("/b")), store.fill(key("/c")));
        join(committed(fills.get(0), response(), random(600_000)));
        fills.get(1).write(ByteBuffer.wrap(random(600_000)));
        fills.get(1).discard();
        fills.get(2).write(utf8("small"));
        join(store.invalidate(key("/c")));
        join(fills.get(2).commit(response()));
        await().until(() -> store.backlogBytes() == 0);
    }
}
