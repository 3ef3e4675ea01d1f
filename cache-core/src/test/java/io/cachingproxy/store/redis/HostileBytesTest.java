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
import static io.cachingproxy.testkit.StoredResponses.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.link.Bounds;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever stands in Redis under our keys: no wrong byte, no failure, no code is run. */
class HostileBytesTest {
    @RegisterExtension
    static final RedisServers SERVERS = new RedisServers();

    private static RedisProcess redis;

    private final CacheKey key = key("/a");
    private final KeyNames names = new KeyNames("cp");
    private RedisStore store;

    @BeforeAll
    static void startRedis() {
        redis = SERVERS.start();
    }

    @BeforeEach
    void openStore() {
        redis.command("FLUSHALL");
        // Without near copies everything that is read stands in Redis.
        store = Stores.ready(RedisStore.at(redis.url()), new MemoryStore(0, 0));
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void no_flipped_byte_of_an_entry_gives_a_wrong_response() {
        StoredResponse sent = response("Content-Type", "text/plain", "ETag", "\"1\"");
        store(store, key, sent, "hello, world");
        String sound = entry(key);
        for (int i = 0; i < sound.length(); i++) {
            StringBuilder flipped = new StringBuilder(sound);
            flipped.setCharAt(i, (char) (sound.charAt(i) ^ 1 << i % 8));
            redis.command("SET", names.entry(key), flipped.toString());
            for (StoredResponse found : find(store, key)) {
                assertThat(found.head()).isEqualTo(sent.head());
                assertThat(found.freshness()).isEqualTo(sent.freshness());
                assertThat(text(found)).isEqualTo("hello, world");
            }
        }
    }

    @Test
    void no_truncated_entry_gives_a_response_and_it_is_deleted() {
        store(store, key, "hello");
        String sound = entry(key);
        for (int length = 0; length < sound.length(); length++) {
            redis.command("SET", names.entry(key), sound.substring(0, length));
            assertThat(find(store, key)).isEmpty();
        }
        awaitGone();
    }

    @Test
    void an_entry_longer_than_any_of_ours_is_nothing_and_is_deleted() {
        store(store, key, "hello");
        redis.command("SETRANGE", names.entry(key), "" + (4 << 20), "x");
        assertThat(find(store, key)).isEmpty();
        awaitGone();
        assertThat(store(store, key, "works again")).isTrue();
        assertThat(store.isReachable()).isTrue();
    }

    @Test
    void a_variant_that_cannot_be_read_is_deleted_and_those_beside_it_are_not() {
        store(store, key, response(language("en")), "hello");
        store(store, key, response(language("de")), "hallo");
        String sound = entry(key);
        redis.command("SET", names.entry(key), sound.replace("hallo", "hullo"));
        assertThat(bodies(store, key)).containsExactly("hello");
        Awaitility.await().until(() -> entry(key).length() < sound.length());
        assertThat(bodies(store, key)).containsExactly("hello");
    }

    @Test
    void variants_beyond_the_longest_entry_make_room_for_newer_ones() {
        String value = "x".repeat(200_000);
        for (int i = 0; i < 20; i++) {
            assertThat(store(store, key, response(language("l" + i), "X", value), "" + i))
                    .isTrue();
        }
        assertThat(bodies(store, key)).startsWith("19", "18").hasSize(10);
        String endless = "x".repeat(Bounds.MAX_ENTRY);
        assertThat(store(store, key, response("X", endless), "no")).isFalse();
        assertThat(bodies(store, key)).hasSize(10);
    }

    private void awaitGone() {
        Awaitility.await().until(() -> redis.command("EXISTS", names.entry(key)).equals(0L));
    }

    @Test
    void the_entry_of_another_key_is_no_response() {
        store(store, key("/b"), "of b");
        redis.command("SET", names.entry(key), entry(key("/b")));
        assertThat(find(store, key)).isEmpty();
    }

    @Test
    void no_flipped_byte_of_a_body_apart_is_read() throws IOException {
        byte[] sent = random(300_000);
        Fill fill = store.fill(key);
        fill.write(ByteBuffer.wrap(sent));
        assertThat(join(fill.commit(response()))).isTrue();
        StoredResponse found = find(store, key).get(0);
        String name = names.body(key, ((SharedBody) found.body()).id());
        for (int at : new int[] {0, 1, 150_000, 262_143, 262_144, 299_999}) {
            char right = (char) (sent[at] & 0xff);
            redis.command("SETRANGE", name, "" + at, "" + (char) (right ^ 0x10));
            try {
                assertThat(bytes(found.body().read())).isEqualTo(sent);
                throw new AssertionError("a wrong byte at " + at + " was not noticed");
            } catch (IOException expected) {
                assertThat(expected).hasMessageContaining("broke off");
            }
            redis.command("SETRANGE", name, "" + at, "" + right);
            assertThat(bytes(found.body().read())).isEqualTo(sent);
        }
    }

    @Test
    void a_response_whose_body_is_gone_or_cut_short_is_not_found() {
        for (String how : List.of("DEL", "APPEND", "TYPE")) {
            Fill fill = store.fill(key);
            fill.write(ByteBuffer.wrap(random(300_000)));
            assertThat(join(fill.commit(response()))).isTrue();
            String name = names.body(key, ((SharedBody) find(store, key).get(0).body()).id());
            switch (how) {
                case "APPEND" -> redis.command("APPEND", name, "x");
                case "TYPE" -> {
                    redis.command("DEL", name);
                    redis.command("LPUSH", name, "x");
                }
                default -> redis.command("DEL", name);
            }
            assertThat(find(store, key)).isEmpty();
        }
    }

    @Test
    void an_entry_of_another_type_is_nothing_and_is_deleted() {
        redis.command("HSET", names.entry(key), "some", "hash");
        assertThat(find(store, key)).isEmpty();
        awaitGone();
        assertThat(store(store, key, "works again")).isTrue();
        redis.command("DEL", names.entry(key));
        redis.command("LPUSH", names.entry(key), "list");
        join(store.invalidate(key));
        assertThat(store(store, key, "works again")).isTrue();
        assertThat(store.isReachable()).isTrue();
    }

    @Test
    void a_control_key_of_another_type_is_replaced() {
        redis.command("DEL", names.control());
        redis.command("SET", names.control(), "text");
        Awaitility.await().until(() -> redis.command("TYPE", names.control()).equals("hash"));
        assertThat(store.isReachable()).isTrue();
    }

    @Test
    void gadget_bytes_run_no_code() throws IOException {
        ByteArrayOutputStream gadget = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(gadget)) {
            out.writeObject(new Gadget());
        }
        String bytes = gadget.toString(StandardCharsets.ISO_8859_1);
        String length = "\0\0" + (char) ((bytes.length() + 80) >> 8) + (char) ((bytes.length() + 80) & 0xff);
        redis.command("SET", names.entry(key), "0".repeat(32) + length + "0".repeat(80) + bytes);
        redis.command("PUBLISH", names.changes(), bytes);
        redis.command("HSET", names.control(), "cleared", bytes);
        assertThat(find(store, key)).isEmpty();
        redis.command("SET", names.entry(key), bytes);
        assertThat(find(store, key)).isEmpty();
        store(store, key, "hello");
        assertThat(Gadget.ran).isFalse();
    }

    /** Notes if it is ever deserialised. */
    private static final class Gadget implements Serializable {
        private static final long serialVersionUID = 1;
        private static boolean ran;

        private void readObject(ObjectInputStream in) {
            ran = true;
        }
    }

    private String entry(CacheKey of) {
        return (String) redis.command("GET", names.entry(of));
    }
}
