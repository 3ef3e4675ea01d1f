package io.cachingproxy.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "300s, PT5M",
        "5m, PT5M",
        "5M, PT5M",
        "1h, PT1H",
        "7d, PT168H",
        "0s, PT0S",
        "PT1H30M, PT1H30M"
    })
    void are_a_number_and_a_unit_or_as_iso_8601_has_them(String text, Duration duration) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "5 s", "5w", "1.5h", "PT-5S", "1m30s", "999999999999d", "P1Y"})
    void are_nothing_else(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessageContaining("'" + text + "'");
    }
}
