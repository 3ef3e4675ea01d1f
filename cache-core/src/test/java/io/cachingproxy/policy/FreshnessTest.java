package io.cachingproxy.policy;

import static io.cachingproxy.policy.Rules.NOON;
import static io.cachingproxy.policy.Rules.RFC;
import static io.cachingproxy.policy.Rules.at;
import static io.cachingproxy.policy.Rules.freshness;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.syntax.HttpDate;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How old a response is, and how long it stays fresh; see {@link LifetimeTest} for where the lifetime comes from. */
class FreshnessTest {
    private static Duration age(Response response) {
        return freshness(response).age(NOON);
    }

    private static Response dated(long secondsFromNoon) {
        return response(200).header("Date", HttpDate.format(at(secondsFromNoon)));
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    // RFC 9111 §4.2: fresh while the lifetime is greater than the age
    @Test
    void a_response_is_stale_as_soon_as_its_age_is_its_lifetime() {
        Freshness freshness = freshness(response(200).cacheControl("max-age=60"));
        assertThat(freshness.isFresh(at(59))).isTrue();
        assertThat(freshness.isFresh(at(60))).isFalse();
        assertThat(freshness.isFresh(at(61))).isFalse();
        assertThat(freshness.isFresh(at(60).minusNanos(1))).isTrue();
    }

    @Test
    void the_ttl_is_what_is_left_and_goes_below_zero() {
        Freshness freshness = freshness(response(200).cacheControl("max-age=60"));
        assertThat(freshness.ttl(at(59))).isEqualTo(seconds(1));
        assertThat(freshness.ttl(at(61))).isEqualTo(seconds(-1));
    }

    // RFC 9111 §4.2.3: apparent_age
    @Test
    void a_date_in_the_past_is_age_and_one_in_the_future_is_not() {
        assertThat(age(dated(-30))).isEqualTo(seconds(30));
        assertThat(age(dated(30))).isEqualTo(Duration.ZERO);
    }

    // RFC 9111 §4.2.3: corrected_initial_age is the larger of both
    @Test
    void the_larger_of_date_and_age_field_counts() {
        assertThat(age(dated(-30).header("Age", "20"))).isEqualTo(seconds(30));
        assertThat(age(dated(-30).header("Age", "40"))).isEqualTo(seconds(40));
    }

    // RFC 9111 §4.2.3: corrected_age_value
    @Test
    void the_delay_of_the_answer_is_added_to_the_age_field() {
        Freshness freshness = freshness(RFC, response(200).header("Age", "20"), at(-5));
        assertThat(freshness.age(NOON)).isEqualTo(seconds(25));
        assertThat(freshness.age(at(10))).isEqualTo(seconds(35));
    }

    // RFC 9111 §5.1
    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "1.5", "abc", "\"10\"", "0", "7200;foo=bar"})
    void an_invalid_age_field_is_ignored(String value) {
        assertThat(age(response(200).header("Age", value))).isEqualTo(Duration.ZERO);
    }

    // RFC 9111 §5.1
    @Test
    void the_first_of_several_age_values_counts() {
        assertThat(age(response(200).header("Age", "10, 20"))).isEqualTo(seconds(10));
        assertThat(age(response(200).header("Age", "20").header("Age", "10"))).isEqualTo(seconds(20));
    }

    // RFC 9111 §1.2.2
    @ParameterizedTest
    @ValueSource(strings = {"2147483648", "99999999999999999999"})
    void a_huge_age_is_two_to_the_power_of_31_and_stale(String value) {
        Freshness freshness =
                freshness(response(200).header("Age", value).cacheControl("max-age=99999999999999999999"));
        assertThat(freshness.age(NOON)).isEqualTo(seconds(2_147_483_648L));
        assertThat(freshness.isFresh(NOON)).isFalse();
    }

    // RFC 9110 §6.6.1
    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday", "Thu, 31 Feb 2026 08:49:37 GMT"})
    void an_invalid_date_is_the_time_of_receipt(String date) {
        assertThat(age(response(200).header("Date", date))).isEqualTo(Duration.ZERO);
    }

    @Test
    void the_age_is_never_less_than_at_first_even_if_the_clock_goes_back() {
        Freshness freshness = freshness(response(200).header("Age", "20"));
        assertThat(freshness.age(at(-3600))).isEqualTo(seconds(20));
        assertThat(freshness(RFC, response(200), at(5)).age(NOON)).isEqualTo(Duration.ZERO);
    }

    // How much time has passed is not known: fresh again for as long as the clock went back it must not be
    @Test
    void a_response_from_the_future_is_stale_beyond_the_skew_of_clocks() {
        Freshness freshness = freshness(response(200).cacheControl("max-age=60"));
        assertThat(freshness.isFresh(at(-1))).isTrue();
        assertThat(freshness.ttl(at(-1))).isEqualTo(seconds(60));
        assertThat(freshness.isFresh(at(-1).minusNanos(1))).isFalse();
        assertThat(freshness.ttl(at(-3600))).isEqualTo(CacheControl.MAX_DELTA.negated());
        assertThat(freshness.expired(at(-3600)).isFresh(at(0))).isFalse();
    }

    @Property
    void a_clock_that_was_set_back_never_makes_a_response_fresh_for_longer_than_its_lifetime_and_the_skew(
            @ForAll @LongRange(min = 0, max = 100_000) long lifetime,
            @ForAll @LongRange(min = -200_000, max = 200_000) long then) {
        Freshness freshness = freshness(response(200).cacheControl("max-age=" + lifetime));
        boolean known = then >= -1;
        assertThat(freshness.isFresh(at(then))).isEqualTo(known && Math.max(then, 0) < lifetime);
        assertThat(freshness.ttl(at(then)).isNegative()
                        || freshness.ttl(at(then)).isZero())
                .isNotEqualTo(freshness.isFresh(at(then)));
    }

    // RFC 9111 §5.2.2
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"must-revalidate|true", "proxy-revalidate|true", "s-maxage=60|true", "max-age=60|false"})
    void some_directives_forbid_to_serve_stale(String directive, boolean forbidden) {
        assertThat(freshness(response(200).cacheControl(directive)).stale().mustRevalidate())
                .isEqualTo(forbidden);
    }

    // RFC 5861 §3, §4
    @Test
    void permissions_to_serve_stale_hold_for_the_seconds_they_name() {
        Freshness freshness = freshness(response(200).cacheControl("stale-while-revalidate=5, stale-if-error=\"7\""));
        assertThat(freshness.stale().whileRevalidating()).isEqualTo(seconds(5));
        assertThat(freshness.stale().ifError()).isEqualTo(seconds(7));
        assertThat(freshness(response(200).cacheControl("stale-if-error=x"))
                        .stale()
                        .ifError())
                .isEqualTo(Duration.ZERO);
    }

    @Test
    void what_is_expired_is_stale_at_once_and_not_less_stale_than_before() {
        Freshness freshness = freshness(response(200).cacheControl("max-age=60"));
        assertThat(freshness.expired(at(10)).isFresh(at(10))).isFalse();
        assertThat(freshness.expired(at(90)).ttl(at(90))).isEqualTo(seconds(-30));
    }

    // RFC 9111 §4.2.3
    @Property
    void age_never_decreases_as_the_clock_advances_and_is_never_negative(
            @ForAll @LongRange(min = 0, max = 4_000_000_000L) long ageField,
            @ForAll @LongRange(min = -2_000_000_000L, max = 2_000_000_000L) long date,
            @ForAll @LongRange(min = -2_000_000_000L, max = 2_000_000_000L) long asked,
            @ForAll @LongRange(min = -2_000_000_000L, max = 2_000_000_000L) long then,
            @ForAll @LongRange(min = 0, max = 2_000_000_000L) long later) {
        Response response = dated(date).header("Age", Long.toString(ageField));
        Freshness freshness = freshness(RFC, response, at(asked));
        assertThat(freshness.age(at(then))).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(freshness.age(at(then + later))).isGreaterThanOrEqualTo(freshness.age(at(then)));
    }

    // RFC 9111 §4.2
    @Property
    void a_fresh_response_turns_stale_once_and_stays_stale(
            @ForAll @LongRange(min = 0, max = 1_000_000) long lifetime,
            @ForAll @LongRange(min = 0, max = 1_000_000) long ageField,
            @ForAll @LongRange(min = 0, max = 1_000_000) long then,
            @ForAll @LongRange(min = 0, max = 1_000_000) long later) {
        Freshness freshness =
                freshness(response(200).cacheControl("max-age=" + lifetime).header("Age", Long.toString(ageField)));
        assertThat(freshness.isFresh(at(then))).isEqualTo(ageField + then < lifetime);
        assertThat(!freshness.isFresh(at(then)) && freshness.isFresh(at(then + later)))
                .isFalse();
    }
}
