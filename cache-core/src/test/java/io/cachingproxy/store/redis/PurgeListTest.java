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
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.channel.PurgeCodec;
import io.cachingproxy.store.redis.channel.Stamps;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Script;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The purges in the control hash: how many there are, and which of them are read. */
class PurgeListTest {
    private static final int MOST = 10;

    /** What may be in the hash besides purges, as purge.lua counts it. */
    private static final int OTHERS = 1029;

    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private final RedisProcess redis = SERVERS.start();

    @AfterEach
    void close() {
        redis.close();
    }

    private Object run(Script script, String... arguments) {
        List<String> words =
                new ArrayList<>(List.of("EVAL", script.lua(), "1", "control", "0", "100000", "changes", ""));
        words.addAll(List.of(arguments));
        return redis.command(words.toArray(String[]::new));
    }

    /** The stamp. */
    private long purge(String tag) {
        return purge(Purge.hard(new Purge.Scope.Tag(tag)));
    }

    private long purge(Purge purge) {
        byte[] field = PurgeCodec.field(purge);
        Object answer = run(
                Script.PURGE,
                new String(field, StandardCharsets.ISO_8859_1),
                PurgeCodec.value(purge),
                "" + MOST,
                "86400000",
                "");
        return Stamps.parse(String.valueOf(answer).split(" ")[0]);
    }

    private void purgesOfStamp(long stamp) {
        redis.command(
                "EVAL",
                "for i = 1, tonumber(ARGV[1]) do redis.call('HSET', KEYS[1], 'p:old' .. i, ARGV[2] .. ' -') end",
                "1",
                "control",
                "" + (MOST + OTHERS),
                "" + stamp);
    }

    /** Old enough to be folded, each of an origin. */
    private void purgesOfTags(int count, String origin) {
        for (int i = 0; i < count; i++) {
            purge(Purge.hard(new Purge.Scope.Tag(origin, "t" + i)));
        }
    }

    /** What a node that starts knows. */
    private List<PurgeCodec.Stamped> known() {
        List<PurgeCodec.Stamped> known = new ArrayList<>();
        List<?> fields = (List<?>) run(Script.PURGES, "0");
        for (int i = 0; i < fields.size(); i += 2) {
            byte[] field = String.valueOf(fields.get(i)).getBytes(StandardCharsets.ISO_8859_1);
            byte[] value = String.valueOf(fields.get(i + 1)).getBytes(StandardCharsets.ISO_8859_1);
            PurgeCodec.Stamped purge = PurgeCodec.parse(field, value);
            if (purge != null) {
                known.add(purge);
            }
        }
        return known;
    }

    @Test
    void purges_of_one_origin_are_folded_into_one_of_all_that_is_of_it() {
        long first = purge("first");
        long cleared = cleared();
        purgesOfTags(MOST + OTHERS, "http://a");
        assertThat(cleared()).isGreaterThan(cleared).isEqualTo(first); // of no origin
        List<PurgeCodec.Stamped> folded = known().stream()
                .filter(purge -> purge.purge().scope() instanceof Purge.Scope.All)
                .toList();
        assertThat(folded).singleElement().satisfies(purge -> {
            assertThat(purge.purge()).isEqualTo(Purge.hard(new Purge.Scope.All("http://a")));
            assertThat(purge.stamp()).isGreaterThan(first);
        });
        purgesOfTags(MOST + OTHERS, "http://b");
        assertThat(cleared()).isEqualTo(first);
        assertThat(known())
                .extracting(PurgeCodec.Stamped::purge)
                .contains(Purge.hard(new Purge.Scope.All("http://a")), Purge.hard(new Purge.Scope.All("http://b")));
    }

    private long cleared() {
        return Stamps.parse(String.valueOf(redis.command("HGET", "control", "cleared")));
    }

    @Test
    void purges_older_than_every_entry_make_room_without_removing_anything() {
        long first = purge("first");
        long cleared = cleared();
        purgesOfStamp(first - 2 * 86_400_000_000L);
        purge("second");
        assertThat(cleared()).isEqualTo(cleared);
        assertThat((List<?>) run(Script.PURGES, "0")).hasSize(4);
    }

    @Test
    void younger_ones_are_folded_and_everything_before_them_counts_as_removed() {
        long first = purge("first");
        purgesOfStamp(first);
        long second = purge("second");
        assertThat(cleared()).isEqualTo(first);
        assertThat(String.valueOf(run(Script.PULSE, "")))
                .matches(first + " " + second + " " + lost() + " \\d{16}"); // and the time in microseconds
    }

    private Object lost() {
        return redis.command("HGET", "control", "lost");
    }

    @Test
    void after_an_interruption_of_the_channel_a_node_reads_only_what_is_new() {
        try (RedisStore one = Stores.ready(RedisStore.at(redis.url()));
                RedisStore two = Stores.ready(RedisStore.at(redis.url()))) {
            CacheKey key = key("/a");
            join(one.purge(Purge.hard(new Purge.Scope.Tag("before"))));
            long before = stamp("purged");
            await().until(() -> readSince(two).contains(before));
            assertThat(store(one, key, response("Cache-Tag", "t"), "old")).isTrue();
            assertThat(bodies(two, key)).containsExactly("old");
            redis.command("CLIENT", "KILL", "TYPE", "pubsub");
            join(one.purge(Purge.hard(new Purge.Scope.Tag("t"))));
            await().until(() -> find(two, key).isEmpty());
        }
    }

    /** From which stamps on the list is read when the channel has been cut, until the node is trusted again. */
    private List<Long> readSince(RedisStore node) {
        redis.command("CONFIG", "SET", "slowlog-log-slower-than", "0");
        redis.command("CONFIG", "SET", "slowlog-max-len", "1000");
        redis.command("SLOWLOG", "RESET");
        redis.command("CLIENT", "KILL", "TYPE", "pubsub");
        await().until(() -> !reads().isEmpty() && node.isNearTrusted());
        return reads();
    }

    private List<Long> reads() {
        List<Long> since = new ArrayList<>();
        for (Object entry : (List<?>) redis.command("SLOWLOG", "GET", "1000")) {
            List<?> words = (List<?>) ((List<?>) entry).get(3);
            String last = String.valueOf(words.get(words.size() - 1));
            if (String.valueOf(words.get(0)).startsWith("EVAL") && words.size() == 9 && last.matches("[0-9]{1,16}")) {
                since.add(Long.valueOf(last));
            }
        }
        return since;
    }

    private long stamp(String field) {
        String control = new KeyNames("cp").control();
        return Stamps.parse(String.valueOf(redis.command("HGET", control, field)));
    }

    @Test
    void only_what_is_later_is_read() {
        long first = purge("first");
        long second = purge("second");
        assertThat((List<?>) run(Script.PURGES, "0")).hasSize(4);
        assertThat((List<?>) run(Script.PURGES, "" + first)).hasSize(2);
        assertThat((List<?>) run(Script.PURGES, "" + second)).isEmpty();
    }
}
