package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.StoredEntry;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The entries in Redis as operators see them. */
class RedisEntriesTest {
    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final RedisProcess redis = SERVERS.start();
    private final RedisStore store = Stores.awaitReady(RedisStore.at(redis.url())
            .deadline(Duration.ofSeconds(1))
            .near(new MemoryStore(1 << 20, 1 << 20))
            .open());

    @AfterEach
    void close() {
        store.close();
        redis.close();
    }

    private List<String> listed(int limit) {
        List<String> all = new ArrayList<>();
        String after = "";
        do {
            RedisEntries page = join(store.entriesInRedis(after, limit, any -> true));
            assertThat(page.entries()).hasSizeLessThanOrEqualTo(limit);
            page.entries().stream()
                    .map(StoredEntry::key)
                    .map(key -> key.target().pathAndQuery())
                    .forEach(all::add);
            after = page.next().orElse("");
        } while (!after.isEmpty());
        return all;
    }

    @Test
    void an_empty_redis_has_one_empty_page() {
        RedisEntries page = join(store.entriesInRedis("", 10, any -> true));
        assertThat(page.entries()).isEmpty();
        assertThat(page.next()).isEmpty();
    }

    @Test
    void keys_that_are_no_entries_are_not_listed() {
        assertThat(store(store, key("/a"), "a")).isTrue();
        String hash = "0".repeat(32);
        redis.command("SET", "cp:4:{" + hash + "}:e", "foreign");
        redis.command("HSET", "cp:4:{" + "1".repeat(32) + "}:e", "a", "b");
        redis.command("SET", "cp:4:{short}:e", "foreign");
        redis.command("SET", "cpx:4:{" + hash + "}:e", "foreign");
        // the entry of another key in its place
        redis.command("COPY", new KeyNames("cp").entry(key("/a")), "cp:4:{" + "2".repeat(32) + "}:e");
        assertThat(listed(10)).containsExactly("/a");
        assertThat(join(store.entryInRedis(hash))).isEmpty();
        assertThat(join(store.entryInRedis("2".repeat(32)))).isEmpty();
    }

    @Test
    void an_invalidated_entry_is_not_listed() {
        assertThat(store(store, key("/a"), "a")).isTrue();
        assertThat(store(store, key("/b"), "b")).isTrue();
        join(store.invalidate(key("/a")));
        assertThat(listed(10)).containsExactly("/b");
    }

    @Test
    void a_search_among_many_keys_is_bounded_and_goes_on() {
        assertThat(store(store, key("/a"), "a")).isTrue();
        assertThat(store(store, key("/b"), "b")).isTrue();
        redis.command("EVAL", "for i = 1, 12000 do redis.call('SET', 'foreign' .. i, 'x') end return 1", "0");
        List<RedisEntries> pages = new ArrayList<>();
        String after = "";
        do {
            RedisEntries page = join(store.entriesInRedis(after, 10, any -> true));
            pages.add(page);
            after = page.next().orElse("");
        } while (!after.isEmpty());
        assertThat(pages).hasSizeGreaterThan(1);
        assertThat(pages.stream().flatMap(page -> page.entries().stream()).distinct())
                .hasSize(2);
    }

    @Test
    void pages_of_one_have_each_entry_once() {
        List<String> stored = IntStream.range(0, 20).mapToObj(i -> "/" + i).toList();
        stored.forEach(path -> assertThat(store(store, key(path), "a")).isTrue());
        assertThat(listed(1)).containsExactlyInAnyOrderElementsOf(stored);
    }

    @Test
    void an_outage_is_a_failure_with_a_reason() {
        redis.close();
        await().until(() -> !store.isReachable());
        assertThatThrownBy(() -> join(store.entriesInRedis("", 10, any -> true)))
                .hasRootCauseInstanceOf(RedisUnavailableException.class)
                .rootCause()
                .hasMessageStartingWith("Redis is not reachable: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "0", "0-", "0-1-", "0-1-2", "-1-1", "00000-1", "0-1-g0000000000000000000000000000000"})
    void a_place_that_is_not_from_a_page_is_refused(String after) {
        assertThatIllegalArgumentException().isThrownBy(() -> store.entriesInRedis(after, 10, any -> true));
    }

    @Test
    void a_place_on_a_master_that_does_not_exist_is_the_end() {
        assertThat(join(store.entriesInRedis("9-0", 10, any -> true)).next()).isEmpty();
    }
}
