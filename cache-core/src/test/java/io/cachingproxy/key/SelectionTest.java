package io.cachingproxy.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionTest {
    private static boolean matches(String vary, Headers stored, Headers presented) {
        return Selection.of(Headers.of("Vary", vary), stored).matches(presented);
    }

    private static boolean same(String field, String stored, String presented) {
        return matches(field, Headers.of(field, stored), Headers.of(field, presented));
    }

    // RFC 9111 §4.1
    @Test
    void without_vary_every_request_matches() {
        assertThat(Selection.of(Headers.EMPTY, Headers.of("A", "1"))).isSameAs(Selection.ANY);
        assertThat(Selection.ANY.matches(Headers.of("A", "2"))).isTrue();
    }

    @Test
    void requests_with_the_same_selecting_fields_select_the_variant_of_one_name() {
        Selection selection = Selection.of(Headers.of("Vary", "A, B"), Headers.EMPTY);
        String variant = selection.variant(Headers.of("A", "1", "C", "2"));
        assertThat(variant).hasSize(32).isEqualTo(selection.variant(Headers.of("C", "3", "A", " 1 ")));
        assertThat(variant)
                .isNotEqualTo(selection.variant(Headers.of("A", "2")))
                .isNotEqualTo(selection.variant(Headers.of("B", "1")))
                .isNotEqualTo(selection.variant(Headers.of("A", "1", "B", "")));
        assertThat(Selection.ANY.variant(Headers.of("A", "1"))).isEmpty();
    }

    // RFC 9111 §4.1
    @Test
    void a_star_anywhere_matches_nothing() {
        assertThat(Selection.of(Headers.of("Vary", "*"), Headers.EMPTY)).isNull();
        assertThat(Selection.of(Headers.of("Vary", "A, *"), Headers.EMPTY)).isNull();
        assertThat(Selection.of(Headers.of("Vary", "A", "vary", "*"), Headers.EMPTY))
                .isNull();
    }

    // RFC 9110 §12.5.5: members are field names; nobody knows what another member selects by
    @ParameterizedTest
    @ValueSource(strings = {"foo bar", "\"foo\"", "foo;bar", "A, foo bar", "foo=1", "\"A, B", "f\u00fc", "{}", "A:"})
    void a_malformed_member_matches_nothing(String vary) {
        assertThat(Selection.of(Headers.of("Vary", vary), Headers.EMPTY)).isNull();
        assertThat(Selection.of(Headers.of("Vary", "A", "Vary", vary), Headers.EMPTY))
                .isNull();
    }

    @Test
    void an_empty_member_is_none() {
        assertThat(Selection.of(Headers.of("Vary", ""), Headers.EMPTY)).isEqualTo(Selection.ANY);
        assertThat(matches(", A,,", Headers.of("A", "1"), Headers.of("A", "1"))).isTrue();
    }

    // RFC 9110 §7.6.1: what never gets as far as the origin made no difference to its response
    @ParameterizedTest
    @ValueSource(strings = {"TE", "Connection", "Keep-Alive", "Proxy-Authorization", "Upgrade"})
    void a_hop_by_hop_field_selects_nothing(String field) {
        assertThat(matches(field, Headers.of(field, "a"), Headers.of(field, "b")))
                .isTrue();
        assertThat(matches(field, Headers.EMPTY, Headers.of(field, "b"))).isTrue();
    }

    // RFC 9111 §4.1
    @Test
    void each_nominated_field_has_to_match() {
        Headers stored = Headers.of("A", "1", "B", "2");
        assertThat(matches("A, b", stored, Headers.of("b", "2", "a", "1", "C", "3")))
                .isTrue();
        assertThat(matches("A, B", stored, Headers.of("A", "1", "B", "3"))).isFalse();
        assertThat(matches("A", stored, Headers.of("A", "1", "B", "3"))).isTrue();
    }

    // RFC 9111 §4.1: absent in one has to be absent in the other
    @Test
    void an_absent_field_matches_only_an_absent_one() {
        assertThat(matches("A", Headers.EMPTY, Headers.EMPTY)).isTrue();
        assertThat(matches("A", Headers.EMPTY, Headers.of("A", "1"))).isFalse();
        assertThat(matches("A", Headers.of("A", "1"), Headers.EMPTY)).isFalse();
        assertThat(matches("A", Headers.EMPTY, Headers.of("A", ""))).isFalse();
    }

    // RFC 9111 §4.1: combining lines
    @Test
    void several_lines_match_one_combined_line() {
        assertThat(matches("A", Headers.of("A", "1", "a", "2"), Headers.of("A", "1, 2")))
                .isTrue();
        assertThat(matches("A", Headers.of("A", "1", "a", "2"), Headers.of("A", "2", "a", "1")))
                .isFalse();
    }

    // RFC 9111 §4.1: what is known to have identical semantics
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Accept-Encoding | gzip, br      | gzip,br",
                "Accept-Encoding | GZIP          | gzip",
                "Accept-Language | en-GB;q=0.5   | en-gb; q=0.5",
                "Accept-Language | de , en       | de,en",
                "Accept-Language | en, de;q=0.5  | de;q=0.5, en",
                "Accept-Encoding | br, gzip      | gzip, br",
                "Accept-Charset  | UTF-8         | utf-8"
            })
    void spelling_of_negotiated_fields_does_not_count(String field, String stored, String presented) {
        assertThat(same(field, stored, presented)).isTrue();
    }

    // RFC 9111 §4.1
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "Accept-Encoding | gzip                | gzip;q=0",
                "Accept-Language | en, de              | de",
                "Accept-Language | en                  | en-GB",
                "Foo             | a                   | A",
                "Foo             | 1, 2                | 2, 1",
                "Foo             | \"1, 2\"            | \"1,2\"",
                "Cookie          | a=1; b=2            | a=1;b=2",
                "Accept          | a/b;profile=\"X\"   | a/b;profile=\"x\"",
                "Accept          | a/b;p=\"x; y\"      | a/b;p=\"x;y\""
            })
    void values_that_may_mean_something_else_do_not_match(String field, String stored, String presented) {
        assertThat(same(field, stored, presented)).isFalse();
    }

    // One response to a selection: equal however Vary was written
    @Test
    void order_case_and_repetition_in_vary_make_no_difference() {
        Headers request = Headers.of("A", "1", "B", "2");
        assertThat(Selection.of(Headers.of("Vary", "B, a, A"), request))
                .isEqualTo(Selection.of(Headers.of("Vary", "A", "Vary", "b"), request));
    }

    @Property
    void a_request_matches_what_it_was_answered_with(@ForAll String vary, @ForAll String value, @ForAll String other) {
        Headers request = Headers.of("Accept", value, "A", other, "A", value);
        Selection selection = Selection.of(Headers.of("Vary", vary + ", Accept", "Vary", "A"), request);
        if (selection != null) {
            assertThat(selection.matches(request)).isTrue();
        }
    }

    @Test
    @Timeout(30)
    void a_megabyte_of_vary_comes_to_an_end() {
        StringBuilder vary = new StringBuilder();
        for (int i = 0; vary.length() < 1 << 20; i++) {
            vary.append('x').append(i).append(',');
        }
        Headers request = Headers.of("x1", ",".repeat(1 << 20), "accept", " ;".repeat(1 << 19));
        Selection selection =
                Selection.of(Headers.of("Vary", vary.append("accept").toString()), request);
        assertThat(selection.matches(request)).isTrue();
    }
}
