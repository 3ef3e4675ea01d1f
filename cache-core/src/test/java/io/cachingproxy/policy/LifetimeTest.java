package io.cachingproxy.policy;

import static io.cachingproxy.policy.Rules.NOON;
import static io.cachingproxy.policy.Rules.OVERRIDE;
import static io.cachingproxy.policy.Rules.RFC;
import static io.cachingproxy.policy.Rules.STANDARD;
import static io.cachingproxy.policy.Rules.at;
import static io.cachingproxy.policy.Rules.freshness;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.syntax.HttpDate;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the lifetime of {@link Freshness} comes from. */
class LifetimeTest {
    private static long lifetime(Policy policy, Response response) {
        return freshness(policy, response).lifetime().toSeconds();
    }

    private static long lifetime(Response response) {
        return lifetime(RFC, response);
    }

    private static Response expiring(long secondsFromNoon) {
        return response(200).header("Expires", HttpDate.format(at(secondsFromNoon)));
    }

    private static Response modified(int status, long secondsBeforeNoon) {
        return response(status).header("Last-Modified", HttpDate.format(at(-secondsBeforeNoon)));
    }

    // RFC 9111 §4.2.1
    @Test
    void s_maxage_overrides_max_age_in_a_shared_cache() {
        assertThat(lifetime(response(200).cacheControl("max-age=60, s-maxage=30")))
                .isEqualTo(30);
        assertThat(lifetime(response(200).cacheControl("s-maxage=x, max-age=60")))
                .isZero();
    }

    // RFC 9111 §5.3
    @Test
    void max_age_overrides_expires() {
        assertThat(lifetime(expiring(10).cacheControl("max-age=60"))).isEqualTo(60);
        assertThat(lifetime(expiring(10).cacheControl("max-age=0"))).isZero();
    }

    // RFC 9111 §4.2.1: Expires less Date
    @Test
    void expires_counts_from_date() {
        assertThat(lifetime(expiring(60))).isEqualTo(60);
        assertThat(lifetime(expiring(60).header("Date", HttpDate.format(at(-10)))))
                .isEqualTo(70);
        assertThat(lifetime(expiring(60).header("Date", HttpDate.format(at(20)))))
                .isEqualTo(40);
        assertThat(lifetime(expiring(-1))).isZero();
    }

    // RFC 9111 §5.3
    @ParameterizedTest
    @ValueSource(
            strings = {"0", "-1", "", "tomorrow", "Thu, 18 Aug 2050 02:01:18 PST", "Fri, 31 Feb 2050 02:01:18 GMT"})
    void an_invalid_expires_is_already_expired(String value) {
        assertThat(lifetime(response(200).header("Expires", value))).isZero();
        assertThat(freshness(response(200).header("Expires", value)).explicit()).isTrue();
    }

    // RFC 9111 §4.2.1: it is not left to Expires or a default
    @ParameterizedTest
    @ValueSource(strings = {"max-age = 0", "max-age: 0", "s-maxage =0", "max-age 0", "max-age=\"0"})
    void a_malformed_lifetime_is_already_over(String directive) {
        assertThat(lifetime(STANDARD, expiring(60).cacheControl(directive))).isZero();
        assertThat(lifetime(modified(200, 1000).cacheControl(directive))).isZero();
    }

    // RFC 9111 §4.2.1: the first, where there are several
    @Test
    void the_first_expires_counts() {
        assertThat(lifetime(expiring(60).header("Expires", HttpDate.format(at(10)))))
                .isEqualTo(60);
    }

    // RFC 9111 §4.2.2
    @ParameterizedTest
    @ValueSource(ints = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
    void a_tenth_since_last_modified_is_guessed_for_a_heuristically_cacheable_status(int status) {
        assertThat(lifetime(modified(status, 1000))).isEqualTo(100);
        assertThat(freshness(modified(status, 1000)).explicit()).isFalse();
    }

    // RFC 9110 §15.1
    @ParameterizedTest
    @ValueSource(
            ints = {201, 202, 205, 299, 302, 303, 307, 400, 401, 403, 406, 409, 413, 429, 499, 500, 502, 503, 504, 599})
    void no_other_status_has_its_freshness_guessed(int status) {
        assertThat(lifetime(modified(status, 1000))).isZero();
    }

    // RFC 9111 §4.2.2, §5.2.2.9
    @Test
    void public_lets_any_status_have_its_freshness_guessed() {
        assertThat(lifetime(modified(599, 1000).cacheControl("public"))).isEqualTo(100);
    }

    // RFC 9111 §4.2.2: no heuristic where freshness is explicit
    @Test
    void nothing_is_guessed_beside_an_explicit_lifetime() {
        assertThat(lifetime(modified(200, 1000).cacheControl("max-age=1"))).isEqualTo(1);
        assertThat(lifetime(modified(200, 1000).header("Expires", "0"))).isZero();
    }

    // RFC 9111 §4.2.2
    @Test
    void a_guess_needs_a_last_modified_before_date_and_has_a_limit() {
        assertThat(lifetime(response(200))).isZero();
        assertThat(lifetime(modified(200, 0))).isZero();
        assertThat(lifetime(modified(200, -10))).isZero();
        assertThat(lifetime(response(200).header("Last-Modified", "then"))).isZero();
        assertThat(freshness(modified(200, 1_000_000_000)).lifetime()).isEqualTo(Duration.ofDays(7));
    }

    // RFC 9111 §4.2.2: the clock of the origin may be ahead
    @Test
    void a_date_in_the_future_does_not_lengthen_a_guess_nor_a_lifetime() {
        Response ahead = modified(200, 1000).header("Date", HttpDate.format(at(1_000_000)));
        assertThat(lifetime(ahead)).isEqualTo(100);
        assertThat(lifetime(expiring(1_000_060).header("Date", HttpDate.format(at(1_000_000)))))
                .isEqualTo(60);
        assertThat(lifetime(ahead.cacheControl("max-age=60"))).isEqualTo(60);
    }

    // The standard policy
    @Test
    void by_default_a_200_without_a_word_is_kept_for_the_default_ttl() {
        assertThat(lifetime(STANDARD, response(200))).isEqualTo(300);
        assertThat(lifetime(STANDARD, response(404))).isZero();
        assertThat(lifetime(STANDARD, response(200).cacheControl("max-age=1"))).isEqualTo(1);
        assertThat(lifetime(STANDARD, response(200).header("Expires", "0"))).isZero();
        assertThat(freshness(STANDARD, response(200)).explicit()).isFalse();
    }

    // The override policy
    @Test
    void override_keeps_every_200_whatever_it_says() {
        Freshness freshness = freshness(
                OVERRIDE, response(200).cacheControl("no-cache, max-age=0").header("Age", "9"));
        assertThat(freshness.ttl(NOON)).isEqualTo(Duration.ofSeconds(300));
        assertThat(freshness.age(NOON)).isEqualTo(Duration.ofSeconds(9));
        assertThat(freshness.noCache()).isFalse();
        assertThat(lifetime(OVERRIDE, response(404))).isZero();
    }
}
