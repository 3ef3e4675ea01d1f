package io.cachingproxy.http.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchVarianceTest {
    private static SearchVariance of(String field) {
        return SearchVariance.of(Headers.of("No-Vary-Search", field));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "params                    | a=1&b=2     | c=3",
                "params                    | a=1         | ''",
                "params, except=(\"a\")    | a=1&b=2     | b=3&a=1",
                "params=(\"a\")            | a=1&b=2     | b=2&a=3",
                "params=(\"a\")            | a&b         | b",
                "params=(\"a b\")          | a+b=1&c=2   | a%20b=2&c=2",
                "params=(\"a%20b\")        | a+b=1&c=2   | c=2",
                "key-order                 | a=1&b=2     | b=2&a=1",
                "key-order                 | a=1&&b=2    | b=2&a=1&",
                "key-order                 | a=%41       | a=A",
                "key-order                 | a           | a=",
                "params=(\"a\"), key-order | c=1&a=2&b=3 | b=3&c=1",
            })
    void these_queries_ask_for_the_same(String field, String one, String other) {
        assertThat(of(field).normalised(one)).isEqualTo(of(field).normalised(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "params, except=(\"a\") | a=1         | a=2",
                "params, except=(\"a\") | a=1         | ''",
                "params, except=(\"a\" \"b\") | a=1&b=2 | b=2&a=1",
                "params=(\"a\")         | a=1&b=2     | a=1&b=3",
                "params=(\"a\")         | b=1&c=2     | c=2&b=1",
                "params=(\"a\")         | b=%zz       | b=%z",
                "params=(\"a\")         | b=%ff       | b=%fe",
                "params=(\"a\")         | b=%ff       | b=%25ff",
                "params=(\"a\")         | bc=d        | b=cd",
                "params=(\"a\")         | b=&c=       | b=c",
                "key-order              | a=1&a=2     | a=2&a=1",
                "key-order              | a=1&b=2     | a=1",
                "key-order              | '=1'        | ''",
            })
    void these_queries_do_not(String field, String one, String other) {
        assertThat(of(field).normalised(one)).isNotEqualTo(of(field).normalised(other));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "key-order=?0",
                "params=?0",
                "params=()",
                "params=(a)",
                "params=(\"a\" 1)",
                "params=1",
                "params, except",
                "params, except=(b)",
                "params, except=\"a\"",
                "params=(\"a\"), except=(\"b\")",
                "except=(\"a\")",
                "params=?0, except=(\"a\")",
                "key-order, except=(\"a\")",
                "key-order, params=(a)",
                "!",
            })
    void what_says_nothing_or_nothing_valid_makes_every_query_another(String field) {
        assertThat(of(field)).isNull();
    }

    @Test
    void without_the_field_every_query_is_another() {
        assertThat(SearchVariance.of(Headers.EMPTY)).isNull();
    }
}
