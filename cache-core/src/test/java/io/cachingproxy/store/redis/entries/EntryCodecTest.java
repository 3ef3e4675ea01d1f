package io.cachingproxy.store.redis.entries;

import static io.cachingproxy.store.Responses.key;
import static io.cachingproxy.store.Responses.language;
import static io.cachingproxy.store.Responses.response;
import static io.cachingproxy.store.Responses.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StaleUse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Responses;
import io.cachingproxy.store.redis.bodies.HeldBody;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.bodies.WindowedBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A response in bytes is that response or none; what is no response throws nothing. */
class EntryCodecTest {
    private static final String ID = "0123456789abcdef0123456789abcdef";

    private final CacheKey key = key("/a?b");

    private static HeldBody held(String body) {
        return new HeldBody(ID, 7, Responses.utf8(body), 0);
    }

    private @Nullable StoredResponse decode(byte[] bytes) {
        return EntryCodec.decode(
                key,
                ID,
                ByteBuffer.wrap(bytes),
                42,
                (from, to, begun) -> CompletableFuture.failedFuture(new IOException()));
    }

    /** The bytes with another number at this place, and the checksum that fits. */
    private static byte[] with(byte[] bytes, int at, int number) {
        ByteBuffer changed = ByteBuffer.wrap(bytes.clone()).putInt(at, number);
        return changed.putInt(bytes.length - 4, WindowedBody.checksum(changed.array(), bytes.length - 4))
                .array();
    }

    private static StoredResponse with(int status, Headers headers, Freshness freshness) {
        return new StoredResponse(new ResponseHead(status, headers), Selection.ANY, freshness, held(""));
    }

    /** One in which the flag of this number is set, and no other. */
    private static Freshness freshness(Instant receivedAt, int flag) {
        Receipt receipt =
                new Receipt(receivedAt, Duration.ofNanos(1), Duration.ofSeconds(7, 8), flag == 0, flag == 1, flag == 2);
        StaleUse stale = new StaleUse(flag == 6, Duration.ofSeconds(4, 999_999_999), Duration.ofDays(5));
        return new Freshness(
                receipt, Duration.ofSeconds(-2, 3), flag == 3, flag == 4, flag == 5, stale, Long.MIN_VALUE + 9);
    }

    @Test
    void a_response_with_its_body_comes_back_as_it_was() {
        Selection selection =
                new Selection(List.of("accept-language", "x"), Headers.of("accept-language", "de,en;q=500"), "de");
        StoredResponse sent = response(selection, "Content-Type", "text/plain", "X", "ä", "X", "", "Cache-Tag", "b, a");
        StoredResponse found = decode(EntryCodec.encode(key, sent, held("häuser")));
        assertThat(found.head()).isEqualTo(sent.head());
        assertThat(found.selection()).isEqualTo(selection);
        assertThat(found.freshness()).isEqualTo(sent.freshness());
        assertThat(found.tags()).containsExactly("a", "b");
        assertThat(text(found)).isEqualTo("häuser");
        assertThat((SharedBody) found.body()).satisfies(body -> {
            assertThat(body.id()).isEqualTo(ID);
            assertThat(body.stamp()).isEqualTo(7);
            assertThat(body.readAt()).isEqualTo(42);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void each_word_about_freshness_keeps_its_place(int which) {
        Freshness sent = freshness(Instant.EPOCH, which);
        StoredResponse found = decode(EntryCodec.encode(key, with(200, Headers.EMPTY, sent), held("")));
        assertThat(found.freshness()).isEqualTo(sent);
    }

    @Test
    void the_bounds_of_what_is_believed_are_believed() {
        Freshness far = freshness(Instant.ofEpochSecond(1L << 36, 999_999_999), 0);
        for (int status : new int[] {100, 999}) {
            StoredResponse sent = with(status, Headers.EMPTY, far);
            assertThat(decode(EntryCodec.encode(key, sent, held(""))))
                    .extracting(StoredResponse::head, StoredResponse::freshness)
                    .containsExactly(sent.head(), far);
        }
        Freshness farther = freshness(Instant.ofEpochSecond((1L << 36) + 1), 0);
        Freshness earlier = freshness(Instant.ofEpochSecond(-1), 0);
        assertThat(decode(EntryCodec.encode(key, with(200, Headers.EMPTY, farther), held(""))))
                .isNull();
        assertThat(decode(EntryCodec.encode(key, with(200, Headers.EMPTY, earlier), held(""))))
                .isNull();
        assertThat(decode(EntryCodec.encode(key, with(99, Headers.EMPTY, far), held(""))))
                .isNull();
        assertThat(decode(EntryCodec.encode(key, with(1000, Headers.EMPTY, far), held(""))))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3 * 256 * 1024})
    void a_body_apart_comes_back_with_its_length_and_checksums(long length) {
        int[] checksums = new int[WindowedBody.windows(length)];
        Arrays.setAll(checksums, i -> -i - 1);
        byte[] bytes = EntryCodec.encode(key, response(), new WindowedBody(ID, 9, length, checksums));
        assertThat(decode(bytes).body()).isInstanceOfSatisfying(WindowedBody.class, body -> {
            assertThat(body.length()).isEqualTo(length);
            assertThat(body.checksums()).isEqualTo(checksums);
            assertThat(body.stamp()).isEqualTo(9);
        });
    }

    @Test
    void what_was_written_for_another_key_or_id_is_no_response() {
        byte[] bytes = EntryCodec.encode(key, response(), held("x"));
        WindowedBody.Source none = (from, to, begun) -> CompletableFuture.failedFuture(new IOException());
        assertThat(EntryCodec.decode(key("/a"), ID, ByteBuffer.wrap(bytes), 0, none))
                .isNull();
        assertThat(EntryCodec.decode(key, "f".repeat(32), ByteBuffer.wrap(bytes), 0, none))
                .isNull();
    }

    @Test
    void bytes_in_the_middle_of_others_are_read_where_they_are() {
        byte[] bytes = EntryCodec.encode(key, response("X", "1"), held("inside"));
        ByteBuffer around = ByteBuffer.allocate(bytes.length + 7).put(3, bytes);
        StoredResponse found =
                EntryCodec.decode(key, ID, around.position(3).limit(3 + bytes.length), 0, (from, to, begun) -> null);
        assertThat(text(found)).isEqualTo("inside");
    }

    @Test
    void no_damaged_byte_is_believed() {
        byte[] sound = EntryCodec.encode(key, response("X", "1"), held("hello"));
        for (int i = 0; i < sound.length * 8; i++) {
            byte[] damaged = sound.clone();
            damaged[i / 8] ^= (byte) (1 << i % 8);
            assertThat(decode(damaged)).isNull();
        }
        for (int length = 0; length < sound.length; length++) {
            assertThat(decode(Arrays.copyOf(sound, length))).isNull();
        }
        assertThat(decode(Arrays.copyOf(sound, sound.length + 1))).isNull();
        assertThat(decode(sound)).isNotNull();
    }

    // Whoever can write to Redis can write the checksum too.
    @Test
    void no_changed_number_under_a_right_checksum_throws_or_lengthens_anything() {
        byte[] sound = EntryCodec.encode(key, response(language("en"), "X", "1"), held("hello"));
        for (int at = 0; at < sound.length - 4; at++) {
            for (int number : new int[] {0, -1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, sound.length, 0x0d0a0d0a}) {
                StoredResponse found = decode(with(sound, at, number));
                if (found != null) {
                    assertThat(found.body().length()).isLessThanOrEqualTo(sound.length);
                    assertThat(found.head().headers().toString()).doesNotContain("\r", "\n");
                }
            }
        }
    }

    @Test
    void bytes_after_the_body_make_it_no_response() {
        byte[] sound = EntryCodec.encode(key, response(), held("hello"));
        byte[] longer = Arrays.copyOf(sound, sound.length + 1);
        ByteBuffer.wrap(longer).putInt(4, longer.length);
        assertThat(decode(with(longer, 4, longer.length))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rb", "a\nb", "a\0b", "\r", "\n", "\0"})
    void no_line_end_comes_out_of_a_value(String value) {
        assertThat(decode(EntryCodec.encode(key, response("X", value), held(""))))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:", "ä", "a\r\n"})
    void a_field_name_is_a_token_or_there_is_no_response(String name) {
        assertThat(decode(EntryCodec.encode(key, response(name, "x"), held(""))))
                .isNull();
    }

    @Test
    void variants_that_select_differently_have_different_digests() {
        List<Selection> all = List.of(
                Selection.ANY,
                language("en"),
                language("de"),
                new Selection(List.of("accept-language"), Headers.EMPTY, null),
                new Selection(List.of("accept-language", "x"), Headers.of("accept-language", "en"), null),
                new Selection(List.of("x"), Headers.of("x", "en"), null),
                new Selection(List.of("x", "y"), Headers.of("x", "en", "y", ""), null));
        assertThat(all.stream().map(EntryCodec::digest))
                .doesNotHaveDuplicates()
                .allMatch(digest -> digest.matches("[0-9a-f]{32}"));
    }
}
