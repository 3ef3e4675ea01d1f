package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.random;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.Purge.Scope;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.testkit.LogLines;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A Redis at its maxmemory that may evict nothing: what frees goes on, what is new stays near. */
class FullRedisTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final CacheKey key = key("/a");
    private final RedisProcess redis = SERVERS.start("--maxmemory-policy", "noeviction");
    private final RedisStore one = Stores.ready(RedisStore.at(redis.url()));
    private final RedisStore two = Stores.ready(RedisStore.at(redis.url()));

    @BeforeEach
    void storeThenFill() {
        assertThat(store(one, key, response("Cache-Tag", "t", "Cache-Groups", "\"g\""), "old"))
                .isTrue();
        assertThat(bodies(two, key)).containsExactly("old");
        redis.command("CONFIG", "SET", "maxmemory", "1");
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
        redis.close();
    }

    static List<Scope> scopes() {
        return List.of(
                new Scope.Url(key("/a").target()),
                new Scope.Prefix("http://origin.example:8080/"),
                new Scope.Tag("t"),
                Scope.Group.of(key("/a").target(), "g"),
                new Scope.All());
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void a_hard_purge_is_confirmed_and_reaches_the_other_node(Scope scope) {
        assertThat(join(one.purge(Purge.hard(scope)))).isEqualTo(Confirmation.CONFIRMED);
        await().atMost(SOON).until(() -> find(two, key).isEmpty());
        try (RedisStore later = Stores.ready(RedisStore.at(redis.url()))) {
            assertThat(find(later, key)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void a_soft_purge_is_confirmed_and_reaches_the_other_node(Scope scope) {
        Instant now = Instant.now();
        assertThat(join(one.purge(Purge.soft(scope, now)))).isEqualTo(Confirmation.CONFIRMED);
        await().atMost(SOON).until(() -> !find(two, key).get(0).isFresh(now.plusSeconds(1)));
    }

    @Test
    void an_invalidation_reaches_the_other_node_and_redis() {
        join(one.invalidate(key));
        await().atMost(SOON).until(() -> find(two, key).isEmpty());
        assertThat(String.valueOf(redis.command("GET", new KeyNames("cp").entry(key))))
                .hasSize(32);
    }

    @Test
    void it_can_be_cleared() {
        assertThat(join(one.clearOrFail())).isEqualTo(1);
        await().atMost(SOON).until(() -> find(two, key).isEmpty());
    }

    @Test
    void a_validated_response_is_freshened_for_all() {
        StoredResponse stored = find(one, key).get(0);
        store(one, key("/refused"), "x"); // from now on it is known to be full
        ResponseHead head = new ResponseHead(203, Headers.EMPTY);
        join(one.fill(key).freshen(stored, stored.freshened(head, stored.freshness())));
        await().atMost(SOON).until(() -> find(two, key).get(0).head().status() == 203);
    }

    @Test
    void new_responses_are_stored_near_and_found() {
        assertThat(store(one, key("/first"), "x")).isTrue();
        assertThat(bodies(one, key("/first"))).containsExactly("x");
        for (int i = 0; i < 20; i++) {
            assertThat(store(one, key("/full/" + i), "near")).isTrue();
            assertThat(bodies(one, key("/full/" + i))).containsExactly("near");
        }
        Fill large = one.fill(key("/large"));
        assertThat(large.write(ByteBuffer.wrap(random(1_000_000)))).isTrue();
        assertThat(join(large.commit(response()))).isTrue();
        assertThat(find(one, key("/large")).get(0).body().length()).isEqualTo(1_000_000);
        assertThat(find(two, key("/large"))).isEmpty();
    }

    @Test
    void a_new_response_is_found_before_the_one_that_redis_still_has() {
        store(one, key("/first"), "x");
        assertThat(store(one, key, "new")).isTrue();
        assertThat(bodies(one, key)).startsWith("new");
        assertThat(bodies(two, key)).containsExactly("old");
    }

    @Test
    void what_is_stored_near_is_purged_by_the_other_node() {
        store(one, key("/first"), "x");
        store(one, key("/tagged"), response("Cache-Tag", "t"), "near");
        store(one, key("/url"), "near");
        join(two.purge(Purge.hard(new Scope.Tag("t"))));
        join(two.invalidate(key("/url")));
        await().atMost(SOON).until(() -> find(one, key("/tagged")).isEmpty());
        await().atMost(SOON).until(() -> find(one, key("/url")).isEmpty());
    }

    @Test
    void it_is_said_once_when_it_is_full_and_once_when_there_is_room_again() {
        try (LogLines lines = new LogLines(RedisStore.class)) {
            for (int i = 0; i < 20; i++) {
                store(one, key("/full/" + i), "near");
            }
            assertThat(lines.beginningWith("Redis is full")).hasSize(1);
            assertThat(one.isReachable()).isTrue();
            redis.command("CONFIG", "SET", "maxmemory", "0");
            await().atMost(SOON).until(() -> {
                store(one, key("/room"), "shared");
                return bodies(two, key("/room")).equals(List.of("shared"));
            });
            await().atMost(SOON.multipliedBy(3))
                    .until(() -> !lines.beginningWith("Redis has room again").isEmpty());
            for (int i = 0; i < 20; i++) {
                assertThat(store(one, key("/room/" + i), "shared")).isTrue();
            }
            assertThat(lines.beginningWith("Redis is full")).hasSize(1);
            assertThat(lines.beginningWith("Redis has room again")).hasSize(1);
        }
    }
}
