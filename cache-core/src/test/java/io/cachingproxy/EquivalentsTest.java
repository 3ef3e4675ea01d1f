package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.ManualClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No-Vary-Search. */
class EquivalentsTest {
    private final ManualClock clock = ManualClock.atNoon();
    private final Client client = new Client(HttpCache.builder().clock(clock).build());

    private void store(String query, String noVarySearch) {
        client.send(
                get("/p" + query),
                response(200).cacheControl("max-age=60").header("No-Vary-Search", noVarySearch),
                "stored");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "params                  | ?a=1            | ?b=2",
                "params                  | ?a=1            | ''",
                "params=(\"utm\")        | ?id=1&utm=x     | ?id=1",
                "params=(\"utm\")        | ?id=1           | ?utm=y&id=1",
                "key-order               | ?a=1&b=2        | ?b=2&a=1",
                "params, except=(\"id\") | ?id=1&x=2       | ?y=3&id=1",
                "params=(\"a b\")        | ?id=1&a+b=x     | ?id=1&a%20b=y"
            })
    void a_query_that_differs_in_what_makes_no_difference_is_a_hit(String rule, String stored, String asked) {
        store(stored, rule);
        client.send(get("/p" + asked)).assertHit("stored");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "params=(\"utm\")        | ?id=1&utm=x     | ?id=2",
                "key-order               | ?a=1&a=2        | ?a=2&a=1",
                "params, except=(\"id\") | ?id=1           | ?id=2",
                "params=?0               | ?a=1            | ?b=2",
                "params=\"a\"            | ?a=1            | ?a=2",
                "except=(\"id\")         | ?a=1            | ?b=2",
                "params=(\"utm\"         | ?utm=1          | ?utm=2"
            })
    void one_that_makes_a_difference_is_not(String rule, String stored, String asked) {
        store(stored, rule);
        assertThat(client.send(get("/p" + asked)).isWaiting()).isTrue();
    }

    @Test
    void a_stale_equivalent_does_not_answer() {
        store("?a=1", "params");
        clock.advance(60);
        assertThat(client.send(get("/p?b=2")).isWaiting()).isTrue();
    }
}
