package io.cachingproxy.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyQueryTest {
    private static final String CHARACTERS = "ua=&;";
    private static final int LONGEST = 6;

    @ParameterizedTest
    @CsvSource({
        "/p?u=1&a=2,/p?a=2",
        "/p?a=2&u=1,/p?a=2",
        "/p?a=2&u=1&b=3&u=4,/p?a=2&b=3",
        "/p?u=1,/p",
        "/p?u,/p",
        "/p?%75=1&a,/p?a",
        "/p?u=1;a=2,/p?u=1;a=2",
        "/p?u=1&&a,/p?&a",
        "/p?,/p?",
        "/p,/p"
    })
    void a_named_parameter_is_left_out(String target, String key) {
        assertThat(KeyQuery.of(false, List.of("u"), false).apply(target)).isEqualTo(key);
    }

    /** All queries of a few characters, against the same rule over a list of parameters. */
    @Test
    void each_query_keeps_the_parameters_that_are_in_the_key() {
        List<String> queries = new ArrayList<>(List.of(""));
        for (int i = 0; i < queries.size() && queries.get(i).length() < LONGEST; i++) {
            for (int c = 0; c < CHARACTERS.length(); c++) {
                queries.add(queries.get(i) + CHARACTERS.charAt(c));
            }
        }
        for (boolean keeps : List.of(true, false)) {
            for (boolean sorted : List.of(true, false)) {
                KeyQuery rule = KeyQuery.of(keeps, List.of("u"), sorted);
                assertThat(queries)
                        .allSatisfy(query -> assertThat(rule.apply("/p?" + query))
                                .isEqualTo(query.isEmpty() ? "/p?" : "/p" + expected(query, keeps, sorted)));
            }
        }
    }

    private static String expected(String query, boolean keeps, boolean sorted) {
        List<String> kept = Stream.of(query.split("&", -1))
                .filter(parameter -> parameter.contains(";") || name(parameter).equals("u") == keeps)
                .toList();
        boolean sorts = sorted && kept.stream().noneMatch(parameter -> parameter.contains(";"));
        List<String> all = sorts
                ? kept.stream().sorted(Comparator.comparing(KeyQueryTest::name)).toList()
                : kept;
        return all.isEmpty() ? "" : '?' + String.join("&", all);
    }

    private static String name(String parameter) {
        return parameter.split("=", 2)[0];
    }
}
