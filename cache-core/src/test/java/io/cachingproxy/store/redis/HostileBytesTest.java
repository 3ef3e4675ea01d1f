package io.cachingproxy.store.redis;

import static io.cachingproxy.store.Responses.bytes;
import static io.cachingproxy.store.Responses.find;
import static io.cachingproxy.store.Responses.join;
import static io.cachingproxy.store.Responses.key;
import static io.cachingproxy.store.Responses.random;
import static io.cachingproxy.store.Responses.response;
import static io.cachingproxy.store.Responses.store;
import static io.cachingproxy.store.Responses.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.testkit.RedisProcess;
import io.cachingproxy.testkit.RedisServers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
        // Without near copies every lookup reads what stands in Redis.
        store = Stores.ready(RedisStore.at(redis.url()).confirmEvery(Duration.ZERO));
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void no_flipped_byte_of_an_entry_gives_a_wrong_response() {
        StoredResponse sent = response("Content-Type", "text/plain", "ETag", "\"1\"");
        store(store, key, sent, "hello, world");
        String field = field();
        String sound = variant(field);
        for (int i = 0; i < sound.length(); i++) {
            StringBuilder flipped = new StringBuilder(sound);
            flipped.setCharAt(i, (char) (sound.charAt(i) ^ 1 << i % 8));
            redis.command("HSET", names.entry(key), field, flipped.toString());
            for (StoredResponse found : find(store, key)) {
                assertThat(found.head()).isEqualTo(sent.head());
                assertThat(found.freshness()).isEqualTo(sent.freshness());
                assertThat(text(found)).isEqualTo("hello, world");
            }
        }
    }

    @Test
    void no_truncated_entry_gives_a_response_and_the_field_is_deleted() {
        store(store, key, "hello");
        String field = field();
        String sound = variant(field);
        for (int length = 0; length < sound.length(); length++) {
            redis.command("HSET", names.entry(key), field, sound.substring(0, length));
            assertThat(find(store, key)).isEmpty();
        }
        Awaitility.await()
                .until(() -> redis.command("HEXISTS", names.entry(key), field).equals(0L));
    }

    @Test
    void the_entry_of_another_key_is_no_response() {
        store(store, key("/b"), "of b");
        String field = String.valueOf(fields(key("/b")).stream()
                .filter(f -> f.startsWith("v:"))
                .findFirst()
                .orElseThrow());
        redis.command("HSET", names.entry(key), field, (String) redis.command("HGET", names.entry(key("/b")), field));
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
        redis.command("SET", names.entry(key), "text");
        assertThat(find(store, key)).isEmpty();
        Awaitility.await().until(() -> redis.command("EXISTS", names.entry(key)).equals(0L));
        assertThat(store(store, key, "works again")).isTrue();
        redis.command("DEL", names.entry(key));
        redis.command("LPUSH", names.entry(key), "list");
        join(store.invalidate(key));
        assertThat(store(store, key, "works again")).isTrue();
        assertThat(store.isReachable()).isTrue();
    }

    @Test
    void a_control_key_of_another_type_is_deleted() {
        redis.command("DEL", names.control());
        redis.command("SET", names.control(), "text");
        Awaitility.await().until(() -> redis.command("TYPE", names.control()).equals("none"));
        assertThat(store.isReachable()).isTrue();
    }

    @Test
    void gadget_bytes_run_no_code() throws IOException {
        ByteArrayOutputStream gadget = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(gadget)) {
            out.writeObject(new Gadget());
        }
        String bytes = gadget.toString(StandardCharsets.ISO_8859_1);
        String prefix = "0".repeat(64);
        redis.command("HSET", names.entry(key), "v:1", bytes, "v:2", prefix + bytes, "t", bytes, bytes, bytes);
        redis.command("PUBLISH", names.changes(), bytes);
        redis.command("HSET", names.control(), "cleared", bytes);
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

    private String field() {
        return fields(key).stream().filter(f -> f.startsWith("v:")).findFirst().orElseThrow();
    }

    @SuppressWarnings("unchecked")
    private List<String> fields(CacheKey of) {
        return (List<String>) redis.command("HKEYS", names.entry(of));
    }

    private String variant(String field) {
        return (String) redis.command("HGET", names.entry(key), field);
    }
}
