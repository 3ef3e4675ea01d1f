package io.cachingproxy.http.syntax;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RememberedTest {
    private final AtomicInteger parsings = new AtomicInteger();
    private final Remembered<String> numbered = new Remembered<>(value -> parsings.incrementAndGet() + value);

    @Test
    void what_was_parsed_once_is_not_parsed_again() {
        assertThat(numbered.of("a")).isEqualTo("1a");
        assertThat(numbered.of(new String("a".toCharArray()))).isEqualTo("1a");
    }

    @Test
    void values_that_share_a_place_are_never_taken_for_each_other() {
        assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
        assertThat(numbered.of("Aa")).isEqualTo("1Aa");
        assertThat(numbered.of("BB")).isEqualTo("2BB");
        assertThat(numbered.of("Aa")).isEqualTo("3Aa");
    }

    @Test
    void long_values_are_not_kept() {
        String longer = "x".repeat(257);
        numbered.of(longer);
        numbered.of(longer);
        assertThat(parsings).hasValue(2);
    }
}
