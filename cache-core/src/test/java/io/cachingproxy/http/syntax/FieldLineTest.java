package io.cachingproxy.http.syntax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldLineTest {
    @Test
    void a_line_has_a_name_and_a_value_without_whitespace_around_it() {
        assertThat(FieldLine.parse("Accept: text/html, */*;q=0.1 "))
                .isEqualTo(new FieldLine("Accept", "text/html, */*;q=0.1"));
        assertThat(FieldLine.parse("X-Time:12:00")).isEqualTo(new FieldLine("X-Time", "12:00"));
        assertThat(FieldLine.parse("X:\ta\tb")).isEqualTo(new FieldLine("X", "a\tb"));
        assertThat(FieldLine.parse("X:")).isEqualTo(new FieldLine("X", ""));
    }

    @Test
    void a_line_without_a_colon_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldLine.parse("Accept"))
                .withMessage("header \"Accept\" has no colon: write Name: value");
    }

    @ParameterizedTest
    @ValueSource(strings = {":", "a b: c", "a : c", " a: c", "ä: c"})
    void a_name_is_a_token(String line) {
        String name = line.substring(0, line.indexOf(':'));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldLine.parse(line))
                .withMessage("\"" + name + "\" is not the name of a header");
    }

    @Test
    void an_error_is_one_line_of_limited_length() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldLine.parse("a\r\n" + "b".repeat(200) + ": c"))
                .withMessage("\"a??" + "b".repeat(117) + "…\" is not the name of a header");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: b\nc: d", "a: b\r", "a: \u0000", "a: \u007f"})
    void a_value_has_no_control_character(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldLine.parse(line))
                .withMessage("the value of the header a has a control character");
    }
}
