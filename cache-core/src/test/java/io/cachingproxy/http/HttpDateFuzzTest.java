package io.cachingproxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.cachingproxy.http.syntax.HttpDate;
import java.time.Duration;
import java.time.Instant;

/** Whatever stands in a date, it is an instant that reads the same again, or none. */
class HttpDateFuzzTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @FuzzTest(maxDuration = "25s")
    void a_date_reads_the_same_again(byte[] field) {
        String text = new String(field, ISO_8859_1);
        Instant date = HttpDate.parse(text, NOW);
        if (date != null) {
            assertThat(HttpDate.parse(text, NOW.plusSeconds(1))).isNotNull();
            if (text.indexOf('-') >= 0) { // a year of two digits
                assertThat(date).isBefore(NOW.plus(Duration.ofDays(50 * 366)));
            }
            if (date.isAfter(Instant.parse("0001-01-01T00:00:00Z"))) {
                assertThat(HttpDate.parse(HttpDate.format(date), NOW)).isEqualTo(date);
            }
        }
    }
}
