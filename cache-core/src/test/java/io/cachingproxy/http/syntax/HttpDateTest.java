package io.cachingproxy.http.syntax;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {
    private static final Instant NOW = Instant.parse("2026-03-04T12:00:00Z");

    // RFC 9110 §5.6.7
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                "sun, 06 nov 1994 08:49:37 gmt"
            })
    void all_three_forms_name_the_same_instant(String value) {
        assertThat(HttpDate.parse(value, NOW)).isEqualTo("1994-11-06T08:49:37Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "-1",
                "now",
                "1994-11-06T08:49:37Z",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun, 06 Nov 1994 08:49:37 +0000",
                "Sun, 6 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 94 08:49:37 GMT",
                "Sun, 06 Nov 1994 8:49:37 GMT",
                "Sun 06 Nov 1994 08:49:37 GMT",
                "Sun, 06-Nov-1994 08:49:37 GMT",
                "Sun, 06 Nov 1994  08:49:37 GMT",
                "Sun, 06 Foo 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08.49.37 GMT",
                "Sun, 06 Nov 1994 08:49 GMT"
            })
    void another_form_is_no_date(String value) {
        assertThat(HttpDate.parse(value, NOW)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 00 Nov 1994 08:49:37 GMT", "Thu, 31 Feb 2026 08:49:37 GMT", "Sun, 29 Feb 2026 08:49:37 GMT",
                "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
                "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:99 GMT"
            })
    void an_impossible_time_is_no_date(String value) {
        assertThat(HttpDate.parse(value, NOW)).isNull();
    }

    // RFC 9110 §5.6.7: second = 2DIGIT, up to 60
    @Test
    void a_leap_second_is_a_date() {
        assertThat(HttpDate.parse("Sat, 31 Dec 2016 23:59:60 GMT", NOW)).isEqualTo("2016-12-31T23:59:59Z");
        assertThat(HttpDate.parse("Thu, 29 Feb 2024 00:00:00 GMT", NOW)).isEqualTo("2024-02-29T00:00:00Z");
    }

    // RFC 9110 §5.6.7
    @Test
    void a_two_digit_year_is_never_more_than_fifty_years_ahead() {
        assertThat(HttpDate.parse("Wednesday, 04-Mar-76 12:00:00 GMT", NOW)).isEqualTo("2076-03-04T12:00:00Z");
        assertThat(HttpDate.parse("Wednesday, 04-Mar-76 12:00:01 GMT", NOW)).isEqualTo("1976-03-04T12:00:01Z");
        assertThat(HttpDate.parse("Tuesday, 04-Mar-75 12:00:00 GMT", NOW)).isEqualTo("2075-03-04T12:00:00Z");
        assertThat(HttpDate.parse("Friday, 04-Mar-77 12:00:00 GMT", NOW)).isEqualTo("1977-03-04T12:00:00Z");
    }

    // RFC 9110 §5.6.7: a sender generates IMF-fixdate
    @Test
    void it_is_written_as_imf_fixdate() {
        assertThat(HttpDate.format(Instant.parse("1994-11-06T08:49:37.9Z"))).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    }

    @Property
    void what_was_written_is_read(@ForAll @LongRange(min = 0, max = 253_402_300_799L) long second) {
        Instant instant = Instant.ofEpochSecond(second);
        assertThat(HttpDate.parse(HttpDate.format(instant), NOW)).isEqualTo(instant);
    }

    @Property
    void parsing_anything_never_throws(@ForAll String value) {
        HttpDate.parse(value, NOW);
    }

    @Property
    void parsing_what_is_almost_a_date_never_throws(@ForAll @LongRange(min = 0, max = 28) long at, @ForAll char c) {
        StringBuilder date = new StringBuilder("Sun, 06 Nov 1994 08:49:37 GMT");
        date.setCharAt((int) at, c);
        HttpDate.parse(date.toString(), NOW);
    }

    @Test
    @Timeout(30)
    void a_megabyte_of_anything_comes_to_an_end() {
        assertThat(HttpDate.parse("Sun, 06 Nov 1994 ".repeat(60_000), NOW)).isNull();
    }
}
