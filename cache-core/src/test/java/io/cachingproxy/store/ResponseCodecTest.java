package io.cachingproxy.store;

import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.language;
import static io.cachingproxy.testkit.StoredResponses.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StaleUse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.bytes.Damage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A response in bytes is that response or none; what is no response throws nothing. */
class ResponseCodecTest {
    private final CacheKey key = key("/a?b");

    private @Nullable StoredResponse decode(byte[] bytes) {
        return ResponseCodec.decode(key, ByteBuffer.wrap(bytes), Body.EMPTY);
    }

    /** The bytes with another number at this place, and the checksum that fits. */
    private static StoredResponse with(int status, Headers headers, Freshness freshness) {
        return new StoredResponse(new ResponseHead(status, headers), Selection.ANY, freshness, Body.EMPTY);
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
    void a_response_comes_back_as_it_was_with_the_body_that_the_store_has() {
        Selection selection =
                new Selection(List.of("accept-language", "x"), Headers.of("accept-language", "de,en;q=500"), "de");
        StoredResponse sent =
                response(selection, "Content-Type", "text/plain", "X", "\u00e4", "X", "", "Cache-Tag", "b, a");
        Body body = Body.of(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(ResponseCodec.decode(key, ByteBuffer.wrap(ResponseCodec.encode(key, sent)), body))
                .isEqualTo(sent.withBody(body));
    }

    @Property
    void any_response_comes_back_as_it_was(
            @ForAll @IntRange(min = 100, max = 999) int status,
            @ForAll @Size(max = 9) Map<@AlphaChars @NotEmpty String, @NumericChars String> fields,
            @ForAll @Size(max = 9) Set<String> tags,
            @ForAll @IntRange(min = 0, max = 6) int flag) {
        Headers.Builder headers = Headers.builder();
        fields.forEach(headers::add);
        Set<String> encodable = new TreeSet<>();
        tags.forEach(tag -> encodable.add(tag.replaceAll("\\p{Cs}", "")));
        StoredResponse sent = new StoredResponse(
                new ResponseHead(status, headers.build()),
                language("en"),
                freshness(Instant.EPOCH, flag),
                Body.EMPTY,
                encodable);
        assertThat(decode(ResponseCodec.encode(key, sent))).isEqualTo(sent);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
    void each_word_about_freshness_keeps_its_place(int which) {
        Freshness sent = freshness(Instant.EPOCH, which);
        StoredResponse found = decode(ResponseCodec.encode(key, with(200, Headers.EMPTY, sent)));
        assertThat(found.freshness()).isEqualTo(sent);
    }

    @Test
    void the_bounds_of_what_is_believed_are_believed() {
        Freshness far = freshness(Instant.ofEpochSecond(1L << 36, 999_999_999), 0);
        for (int status : new int[] {100, 999}) {
            StoredResponse sent = with(status, Headers.EMPTY, far);
            assertThat(decode(ResponseCodec.encode(key, sent)))
                    .extracting(StoredResponse::head, StoredResponse::freshness)
                    .containsExactly(sent.head(), far);
        }
        Freshness farther = freshness(Instant.ofEpochSecond((1L << 36) + 1), 0);
        Freshness earlier = freshness(Instant.ofEpochSecond(-1), 0);
        assertThat(decode(ResponseCodec.encode(key, with(200, Headers.EMPTY, farther))))
                .isNull();
        assertThat(decode(ResponseCodec.encode(key, with(200, Headers.EMPTY, earlier))))
                .isNull();
        assertThat(decode(ResponseCodec.encode(key, with(99, Headers.EMPTY, far))))
                .isNull();
        assertThat(decode(ResponseCodec.encode(key, with(1000, Headers.EMPTY, far))))
                .isNull();
    }

    @Test
    void what_was_written_for_another_key_is_no_response() {
        byte[] bytes = ResponseCodec.encode(key, response());
        assertThat(ResponseCodec.decode(key("/a"), ByteBuffer.wrap(bytes), Body.EMPTY))
                .isNull();
    }

    @Test
    void bytes_in_the_middle_of_others_are_read_where_they_are() {
        byte[] bytes = ResponseCodec.encode(key, response("X", "1"));
        ByteBuffer around = ByteBuffer.allocate(bytes.length + 7).put(3, bytes);
        around.position(3).limit(3 + bytes.length);
        assertThat(ResponseCodec.decode(key, around, Body.EMPTY)).isNotNull();
        assertThat(around.position()).isEqualTo(3);
    }

    @Test
    void no_damaged_byte_is_believed() {
        byte[] sound = ResponseCodec.encode(key, response("X", "1"));
        Damage.assertNoneIsBelieved(sound, bytes -> decode(bytes));
    }

    /** Whoever can write to the store can write the checksum, too. */
    @Test
    void no_changed_number_under_a_right_checksum_throws_or_breaks_a_line() {
        byte[] sound = ResponseCodec.encode(key, response(language("en"), "X", "1"));
        Damage.withEachNumber(sound, bytes -> decode(bytes), found -> {
            assertThat(found.head().headers().toString()).doesNotContain("\r", "\n");
        });
    }

    @Test
    void bytes_after_the_tags_make_it_no_response() {
        byte[] sound = ResponseCodec.encode(key, response());
        byte[] longer = Arrays.copyOf(sound, sound.length + 1);
        assertThat(decode(Damage.with(longer, 4, longer.length))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rb", "a\nb", "a\0b", "\r", "\n", "\0"})
    void no_line_end_comes_out_of_a_value(String value) {
        assertThat(decode(ResponseCodec.encode(key, response("X", value)))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:", "ä", "a\r\n"})
    void a_field_name_is_a_token_or_there_is_no_response(String name) {
        assertThat(decode(ResponseCodec.encode(key, response(name, "x")))).isNull();
    }
}
