package io.cachingproxy.http.fields;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
    // RFC 9110 §14.1.2
    @Test
    void a_range_includes_both_its_ends() {
        assertThat(ByteRange.parse("bytes=0-499", 1000)).containsExactly(new ByteRange(0, 500));
        assertThat(ByteRange.parse("bytes=0-0", 1000)).containsExactly(new ByteRange(0, 1));
    }

    // RFC 9110 §14.1.2
    @Test
    void an_open_range_and_one_past_the_end_stop_at_the_end() {
        assertThat(ByteRange.parse("bytes=990-", 1000)).containsExactly(new ByteRange(990, 10));
        assertThat(ByteRange.parse("bytes=990-1000", 1000)).containsExactly(new ByteRange(990, 10));
        assertThat(ByteRange.parse("bytes=0-" + "9".repeat(99), 1000)).containsExactly(new ByteRange(0, 1000));
    }

    // RFC 9110 §14.1.2
    @Test
    void a_suffix_is_the_end_and_at_most_all() {
        assertThat(ByteRange.parse("bytes=-10", 1000)).containsExactly(new ByteRange(990, 10));
        assertThat(ByteRange.parse("bytes=-1001", 1000)).containsExactly(new ByteRange(0, 1000));
    }

    // RFC 9110 §14.1.2
    @Test
    void a_range_from_the_end_on_cannot_be_satisfied() {
        assertThat(ByteRange.parse("bytes=999-", 1000)).containsExactly(new ByteRange(999, 1));
        assertThat(ByteRange.parse("bytes=1000-", 1000)).isEmpty();
        assertThat(ByteRange.parse("bytes=-0", 1000)).isEmpty();
        assertThat(ByteRange.parse("bytes=0-", 0)).isEmpty();
    }

    // RFC 9110 §14.2: what can be satisfied is, in the order asked for
    @Test
    void several_ranges_keep_their_order_and_lose_the_unsatisfiable() {
        assertThat(ByteRange.parse("bytes=5-6, 2000-, 0-1,-1", 1000))
                .containsExactly(new ByteRange(5, 2), new ByteRange(0, 2), new ByteRange(999, 1));
    }

    // RFC 9110 §14.1
    @Test
    void the_unit_has_no_case() {
        assertThat(ByteRange.parse("BYTES=0-0", 1)).hasSize(1);
    }

    // RFC 9110 §14.2: an invalid ranges-specifier is ignored
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=,",
                "bytes=5",
                "bytes=-",
                "bytes=a-b",
                "bytes=2-1",
                "bytes=0-1,x",
                "bytes=--1",
                "bytes=1--2",
                "bytes=0-1;2-3",
                "items=0-1",
                "bytes=\"0-1\"",
                "bytes=+1-2",
                "bytes=1.0-2"
            })
    void what_is_no_set_of_byte_ranges_is_ignored(String field) {
        assertThat(ByteRange.parse(field, 1000)).isNull();
    }

    // RFC 9110 §14.4
    @Test
    void content_range_names_first_last_and_complete_length() {
        assertThat(new ByteRange(5, 2).contentRange(1000)).isEqualTo("bytes 5-6/1000");
    }

    @Property
    void a_range_stays_inside_the_length(
            @ForAll("sets") String set, @ForAll @LongRange(min = 0, max = Long.MAX_VALUE / 32) long length) {
        List<ByteRange> ranges = ByteRange.parse("bytes=" + set, length);
        if (ranges != null) {
            assertThat(ranges).allMatch(r -> r.from() >= 0 && r.count() >= 1 && r.from() + r.count() <= length);
        }
    }

    @Provide
    Arbitrary<String> sets() {
        Arbitrary<String> position = Arbitraries.oneOf(
                Arbitraries.longs().greaterOrEqual(0).map(String::valueOf),
                Arbitraries.integers().between(0, 99).map(String::valueOf),
                Arbitraries.of("", "9".repeat(40)));
        return position.flatMap(a -> position.map(b -> a + '-' + b))
                .list()
                .ofMaxSize(5)
                .map(l -> String.join(",", l));
    }

    @Property
    void parsing_anything_never_throws(@ForAll String field, @ForAll @LongRange(min = 0) long length) {
        ByteRange.parse(field, length);
        ByteRange.parse("bytes=" + field, length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0-,", "-", "0-0,", "\"", "9", "-1,"})
    @Timeout(30)
    void a_megabyte_of_anything_comes_to_an_end(String piece) {
        ByteRange.parse("bytes=" + piece.repeat((1 << 20) / piece.length()), 1000);
    }
}
