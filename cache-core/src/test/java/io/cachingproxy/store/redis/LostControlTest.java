package io.cachingproxy.store.redis;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.store;
import static io.cachingproxy.testkit.StoredResponses.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.channel.PurgeCodec;
import io.cachingproxy.store.redis.channel.Stamps;
import io.cachingproxy.store.redis.entries.RedisFill;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Script;
import io.cachingproxy.testkit.LogLines;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What was purged stays purged although Redis has lost the list of purges, or the latest of them. */
class LostControlTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Purge PURGE = Purge.hard(new Purge.Scope.Tag("t"));

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final CacheKey key = key("/a");
    private final String control = new KeyNames("cp").control();
    private final RedisProcess redis = SERVERS.start();
    private RedisStore store = open();

    /** Without near copies, so that everything that is found stands in Redis. */
    private RedisStore open() {
        return Stores.ready(RedisStore.at(redis.url()), new MemoryStore(0, 0));
    }

    @AfterEach
    void close() {
        store.close();
        redis.close();
    }

    private void storeTagged() {
        assertThat(store(store, key, response("Cache-Tag", "t"), "old")).isTrue();
    }

    private static void assertWorks(RedisStore... nodes) {
        for (RedisStore node : nodes) {
            await().atMost(SOON).until(() -> store(node, key("/later"), "new"));
            for (RedisStore other : nodes) {
                await().atMost(SOON).until(() -> bodies(other, key("/later")).equals(List.of("new")));
            }
        }
    }

    @Test
    void a_node_that_starts_after_the_control_hash_was_evicted_does_not_find_what_was_purged() {
        storeTagged();
        join(store.purge(PURGE));
        store.close();
        redis.command("DEL", control);
        store = open();
        assertThat(find(store, key)).isEmpty();
        assertWorks(store);
    }

    @Test
    void a_node_that_lives_notices_the_eviction_before_the_next_purge_hides_it() {
        storeTagged();
        join(store.purge(PURGE));
        redis.command("DEL", control);
        join(store.purge(Purge.hard(new Purge.Scope.Tag("another"))));
        try (RedisStore later = open()) {
            assertThat(find(later, key)).isEmpty();
            assertWorks(store, later);
        }
    }

    @Test
    void a_loss_is_a_clear_once_however_many_nodes_notice_it() {
        long first = pulse(1_000_001);
        assertThat(first).isGreaterThan(1_000_001);
        assertThat(pulse(1_000_002)).isEqualTo(first);
        assertThat(pulse(first)).isEqualTo(first);
        assertThat(pulse(first + 1)).isGreaterThan(first + 1);
    }

    /** The stamp of the last clear after a pulse of a node that knows this stamp. */
    private long pulse(long known) {
        Object stamps = redis.command(
                "EVAL", Script.PULSE.lua(), "1", "of-other-nodes", "" + known, "100000", "unheard", "", "");
        return Stamps.parse(String.valueOf(stamps).split(" ")[0]);
    }

    @Test
    void a_loss_is_said_once_and_the_first_contact_is_none() {
        try (LogLines lines = new LogLines(RedisStore.class);
                RedisStore other = open()) {
            assertThat(lines.beginningWith("Redis has lost")).isEmpty();
            redis.command("FLUSHALL");
            await().atMost(SOON)
                    .until(() -> lines.beginningWith("Redis has lost").size() == 2);
            assertWorks(store, other);
            assertThat(lines.beginningWith("Redis has lost")).hasSize(2);
        }
    }

    @Test
    void what_was_purged_since_an_older_snapshot_that_was_restored_does_not_come_back() {
        storeTagged();
        redis.command("SAVE");
        join(store.purge(PURGE));
        join(store.invalidate(key));
        redis.kill();
        redis.restart();
        await().atMost(SOON).until(() -> store.isReachable() && find(store, key).isEmpty());
        try (RedisStore later = open()) {
            assertThat(find(later, key)).isEmpty();
            assertWorks(store, later);
        }
    }

    @Test
    void a_snapshot_that_lacks_nothing_is_not_taken_for_a_loss() {
        storeTagged();
        join(store.purge(Purge.hard(new Purge.Scope.Tag("another"))));
        redis.command("SAVE");
        redis.kill();
        redis.restart();
        await().atMost(SOON).until(() -> bodies(store, key).equals(List.of("old")));
        try (RedisStore later = open()) {
            assertThat(bodies(later, key)).containsExactly("old");
        }
    }

    /** The other side of a partition goes on purging, at later stamps than the one that was lost. */
    @Test
    void a_purge_that_a_failover_lost_is_noticed_although_later_ones_were_not_lost() {
        storeTagged();
        String before = String.valueOf(redis.command("DUMP", control));
        long cleared = cleared();
        join(store.purge(PURGE));
        redis.command("RESTORE", control, "0", before, "REPLACE");
        purgeAsNodeThatKnowsNothing();
        await().atMost(SOON).until(() -> cleared() > cleared);
        try (RedisStore later = open()) {
            assertThat(find(later, key)).isEmpty();
            assertWorks(store, later);
        }
    }

    private void purgeAsNodeThatKnowsNothing() {
        byte[] field = PurgeCodec.field(Purge.hard(new Purge.Scope.Tag("another")));
        Object answer = redis.command(
                "EVAL",
                Script.PURGE.lua(),
                "1",
                control,
                "0",
                "100000",
                "unheard",
                "",
                new String(field, StandardCharsets.ISO_8859_1),
                "-",
                "10000",
                "100000",
                "");
        assertThat(String.valueOf(answer)).matches("[0-9]+ [0-9]+");
    }

    private long cleared() {
        return Stamps.parse(String.valueOf(redis.command("HGET", control, "cleared")));
    }

    /** In a cluster entries and control hash are on different servers. */
    @Test
    void nodes_that_know_nothing_notice_by_an_entry_that_the_control_hash_lacks_what_came_before_it() {
        String before = String.valueOf(redis.command("DUMP", control));
        storeTagged();
        join(store.purge(PURGE));
        assertThat(store(store, key("/younger"), "younger")).isTrue();
        store.close();
        redis.command("RESTORE", control, "0", before, "REPLACE");
        store = open();
        find(store, key("/younger"));
        await().atMost(SOON).until(() -> find(store, key).isEmpty());
        assertWorks(store);
    }

    /** Channels are common to all databases of a server. */
    @Test
    void what_is_purged_in_another_database_is_no_loss_in_this_one() {
        storeTagged();
        long cleared = cleared();
        try (RedisStore other = Stores.ready(RedisStore.at(redis.url() + "/1"))) {
            join(other.purge(PURGE));
            join(other.clear());
            join(store.purge(Purge.hard(new Purge.Scope.Tag("another"))));
            assertThat(bodies(store, key)).containsExactly("old");
            assertThat(cleared()).isEqualTo(cleared);
        }
    }

    @Test
    void a_fill_begun_before_the_loss_does_not_bring_back_what_it_fetched() {
        join(store.purge(PURGE));
        Fill fill = store.fill(key);
        fill.write(utf8("old"));
        join(((RedisFill) fill).progress());
        redis.command("DEL", control);
        try (RedisStore other = open()) {
            join(fill.commit(response()));
            assertThat(find(other, key)).isEmpty();
            assertWorks(store, other);
        }
    }

    @Test
    void a_control_hash_without_purges_does_not_expire_while_a_node_lives() {
        redis.command("PEXPIRE", control, "100000");
        await().atMost(SOON).until(() -> (Long) redis.command("PTTL", control) > 100_000);
    }
}
