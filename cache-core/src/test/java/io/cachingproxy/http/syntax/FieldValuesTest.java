package io.cachingproxy.http.syntax;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldValuesTest {
    // RFC 9110 §5.6.1.2
    @Test
    void empty_members_and_white_space_are_left_out_of_a_list() {
        assertThat(FieldValues.split(" , a ,,\tb\t, ")).containsExactly("a", "b");
        assertThat(FieldValues.split("")).isEmpty();
    }

    // RFC 9110 §5.6.4
    @Test
    void a_comma_inside_a_quoted_string_does_not_end_the_member() {
        assertThat(FieldValues.split("a=\"x, y\", b")).containsExactly("a=\"x, y\"", "b");
    }

    // RFC 9110 §5.6.4
    @Test
    void an_escaped_quote_does_not_end_the_quoted_string() {
        assertThat(FieldValues.split("a=\"x\\\", y\", b")).containsExactly("a=\"x\\\", y\"", "b");
    }

    @Test
    void another_separator_splits_as_well() {
        assertThat(FieldValues.split("a; b=\";\"; c", ';')).containsExactly("a", "b=\";\"", "c");
    }

    // RFC 9110 §5.6.4
    @Test
    void unquote_takes_escapes_away() {
        assertThat(FieldValues.unquote("\"a\\\"b\\\\c\"")).isEqualTo("a\"b\\c");
        assertThat(FieldValues.unquote("\"\"")).isEmpty();
    }

    // RFC 9110 §5.6.4
    @ParameterizedTest
    @ValueSource(strings = {"", "\"", "a", "\"a", "a\"", "\"a\"b\"", "\"a\\\"", "'a'"})
    void what_is_no_quoted_string_has_no_content(String value) {
        assertThat(FieldValues.unquote(value)).isNull();
    }

    // RFC 9110 §5.6.2
    @Test
    void a_token_is_not_empty_and_has_no_delimiters() {
        assertThat(List.of("a", "X-1", "!#$%&'*+-.^_`|~")).allMatch(FieldValues::isToken);
        assertThat(List.of("", "a b", "a=", "\"a\"", "a,", "é", "a\0", "a/b")).noneMatch(FieldValues::isToken);
    }

    // RFC 9111 §1.2.2
    @Test
    void a_number_over_the_limit_is_the_limit() {
        assertThat(FieldValues.number("99", 100)).isEqualTo(99);
        assertThat(FieldValues.number("100", 100)).isEqualTo(100);
        assertThat(FieldValues.number("101", 100)).isEqualTo(100);
        assertThat(FieldValues.number("9".repeat(500), 100)).isEqualTo(100);
        assertThat(FieldValues.number("0".repeat(500) + "7", 100)).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "+1", "1.5", " 1", "1 ", "0x1", "١", "1e3"})
    void only_ascii_digits_are_a_number(String value) {
        assertThat(FieldValues.number(value, 100)).isNull();
    }

    @Property
    void splitting_never_throws_and_gives_trimmed_members(@ForAll String value) {
        assertThat(FieldValues.split(value)).allMatch(member -> !member.isEmpty() && member.equals(member.strip()));
    }

    @Property
    void what_was_quoted_unquotes_to_itself(@ForAll String content) {
        String quoted = '"' + content.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        assertThat(FieldValues.unquote(quoted)).isEqualTo(content);
        assertThat(FieldValues.split("a, " + quoted + ", b"))
                .startsWith("a")
                .endsWith("b")
                .hasSize(3);
    }

    @Property
    void unquote_and_number_never_throw(@ForAll String value) {
        FieldValues.unquote(value);
        FieldValues.number(value, Long.MAX_VALUE / 16);
    }

    @ParameterizedTest
    @ValueSource(strings = {",", "\"", "\\", "a,", "\"\\\"", "\"a\",", " ", "9"})
    @Timeout(30)
    void a_megabyte_of_anything_comes_to_an_end(String piece) {
        String flood = piece.repeat((1 << 20) / piece.length());
        assertThat(FieldValues.split(flood)).hasSizeLessThanOrEqualTo(flood.length());
        FieldValues.unquote('"' + flood + '"');
        FieldValues.number(flood, Long.MAX_VALUE / 16);
    }
}
