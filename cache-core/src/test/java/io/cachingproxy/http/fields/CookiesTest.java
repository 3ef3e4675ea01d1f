package io.cachingproxy.http.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CookiesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a=1           | [1]",
                "b=1; a=2      | [2]",
                "a=1;a=2       | [1, 2]",
                "a = 1 ; b=2   | [1]",
                "a=x=y         | [x=y]",
                "a=\"1\"       | [\"1\"]",
                "a=            | ['']",
                "b; a; c       | ['']",
                "ab=1; A=2     | []",
                "b=a=1         | []",
                ";;            | []",
            })
    void all_values_of_a_name_are_read_in_order(String field, String values) {
        assertThat(Cookies.values(Headers.of("Cookie", field), "a").toString()).isEqualTo(values.replace("''", ""));
    }

    @Test
    void all_lines_of_the_field_are_read() {
        Headers headers = Headers.of("Cookie", "a=1", "Accept", "a=2", "cookie", "b=3; a=4");
        assertThat(Cookies.values(headers, "a")).containsExactly("1", "4");
        assertThat(Cookies.values(Headers.EMPTY, "a")).isEmpty();
    }
}
