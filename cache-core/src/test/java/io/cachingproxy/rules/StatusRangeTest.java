package io.cachingproxy.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusRangeTest {
    @ParameterizedTest
    @CsvSource({"404,404,404", "5xx,500,599", "5XX,500,599", "1xX,100,199", "200-299,200,299", "200-200,200,200"})
    void a_status_a_class_and_a_range_are_parsed(String text, int first, int last) {
        StatusRange range = StatusRange.parse(text);
        assertThat(range).isEqualTo(new StatusRange(first, last));
        assertThat(range.contains(first)).isTrue();
        assertThat(range.contains(last)).isTrue();
        assertThat(range.contains(first - 1)).isFalse();
        assertThat(range.contains(last + 1)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"99", "600", "600-700", "299-200", "20", "6xx", "0xx", "2x", "2xxx", "", "200-", "-200", " 200"})
    void text_that_is_no_range_is_refused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StatusRange.parse(text))
                .withMessageStartingWith("status \"" + text + "\"");
    }

    @Test
    void a_range_that_is_empty_or_outside_of_the_status_codes_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new StatusRange(99, 200));
        assertThatIllegalArgumentException().isThrownBy(() -> new StatusRange(200, 600));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StatusRange(299, 200))
                .withMessage("299-200 is no range of status codes from 100 to 599");
        assertThat(new StatusRange(100, 599).contains(100)).isTrue();
    }
}
