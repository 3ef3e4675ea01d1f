package io.cachingproxy.store.redis.entries;

import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.language;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.bytes.Damage;
import io.cachingproxy.store.redis.bodies.InlineBody;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.bodies.WindowedBody;
import io.cachingproxy.testkit.StoredResponses;
import java.io.IOException;
import java.nio.ByteBuffer;
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

    private static InlineBody held(String body) {
        return new InlineBody(ID, 7, StoredResponses.utf8(body), 0);
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
        Damage.assertNoneIsBelieved(sound, bytes -> decode(bytes));
    }

    // Whoever can write to Redis can write the checksum too.
    @Test
    void no_changed_number_under_a_right_checksum_throws_or_lengthens_anything() {
        byte[] sound = EntryCodec.encode(key, response(language("en"), "X", "1"), held("hello"));
        Damage.withEachNumber(sound, bytes -> decode(bytes), found -> {
            assertThat(found.body().length()).isLessThanOrEqualTo(sound.length);
            assertThat(found.head().headers().toString()).doesNotContain("\r", "\n");
        });
    }

    @Test
    void bytes_after_the_body_make_it_no_response() {
        byte[] sound = EntryCodec.encode(key, response(), held("hello"));
        byte[] longer = Arrays.copyOf(sound, sound.length + 1);
        ByteBuffer.wrap(longer).putInt(4, longer.length);
        assertThat(decode(Damage.with(longer, 4, longer.length))).isNull();
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
