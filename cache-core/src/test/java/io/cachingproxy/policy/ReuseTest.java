package io.cachingproxy.policy;

import static io.cachingproxy.policy.Rules.NOON;
import static io.cachingproxy.policy.Rules.OVERRIDE;
import static io.cachingproxy.policy.Rules.RFC;
import static io.cachingproxy.policy.Rules.STANDARD;
import static io.cachingproxy.policy.Rules.ask;
import static io.cachingproxy.policy.Rules.assertForwarded;
import static io.cachingproxy.policy.Rules.assertHit;
import static io.cachingproxy.policy.Rules.assertRevalidated;
import static io.cachingproxy.policy.Rules.assertStale;
import static io.cachingproxy.policy.Rules.stored;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Messages.Request;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReuseTest {
    private static final StoredResponse MINUTE = stored(response(200).cacheControl("max-age=60"));

    private static StoredResponse minute(String more) {
        return stored(response(200).cacheControl("max-age=60, " + more));
    }

    private static Request asking(String cacheControl) {
        return get().cacheControl(cacheControl);
    }

    // RFC 9111 §4
    @Test
    void a_fresh_response_is_a_hit_and_a_stale_one_is_revalidated() {
        assertHit(ask(59, get(), MINUTE));
        assertRevalidated(ask(60, get(), MINUTE), Reason.STALE);
        assertRevalidated(ask(61, get(), MINUTE), Reason.STALE);
    }

    // RFC 9111 §4
    @Test
    void nothing_stored_is_a_miss() {
        assertForwarded(ask(0, get()), Reason.URI_MISS);
    }

    // RFC 9110 §9.3.2
    @Test
    void head_is_answered_from_a_stored_get() {
        assertHit(ask(0, request("HEAD"), MINUTE));
    }

    // RFC 9111 §4.1
    @Test
    void another_value_of_a_nominated_field_is_a_miss() {
        StoredResponse english = stored(
                RFC,
                get().header("Foo", "en"),
                response(200).cacheControl("max-age=60").header("Vary", "Foo"));
        assertHit(ask(0, get().header("Foo", "en"), english));
        assertForwarded(ask(0, get().header("Foo", "de"), english), Reason.VARY_MISS);
        assertForwarded(ask(0, get(), english), Reason.VARY_MISS);
    }

    // RFC 9111 §4.1: the most recent of those that match
    @Test
    void the_newest_that_matches_wins() {
        StoredResponse varied = stored(
                RFC,
                get().header("Foo", "1"),
                response(200).cacheControl("max-age=60").header("Vary", "Foo"));
        assertHit(ask(0, get().header("Foo", "1"), MINUTE, varied), MINUTE);
        assertHit(ask(0, get().header("Foo", "1"), varied, MINUTE), varied);
        assertHit(ask(0, get().header("Foo", "2"), varied, MINUTE), MINUTE);
    }

    // RFC 9111 §5.2.2.4
    @Test
    void a_no_cache_response_is_always_revalidated() {
        assertRevalidated(ask(0, get(), minute("no-cache")), Reason.RESPONSE_NO_CACHE);
        assertRevalidated(ask(0, asking("max-stale"), minute("no-cache")), Reason.RESPONSE_NO_CACHE);
        assertHit(ask(0, get(), minute("no-cache=\"X\"")));
    }

    // RFC 9111 §5.2.1.4, §5.4
    @Test
    void a_no_cache_request_is_revalidated() {
        assertRevalidated(ask(0, asking("no-cache"), MINUTE), Reason.REQUEST_NO_CACHE);
        assertRevalidated(ask(0, get().header("Pragma", "no-cache"), MINUTE), Reason.REQUEST_NO_CACHE);
        assertHit(ask(0, get().header("Pragma", "no-cache").cacheControl("foo"), MINUTE));
    }

    // RFC 9111 §5.2.1.5: it forbids to store, not to reuse
    @Test
    void a_no_store_request_may_be_answered_from_the_store() {
        assertHit(ask(0, asking("no-store"), MINUTE));
    }

    // RFC 9111 §5.2.1.1
    @Test
    void a_request_takes_no_response_older_than_its_max_age() {
        assertHit(ask(9, asking("max-age=10"), MINUTE));
        assertHit(ask(10, asking("max-age=10"), MINUTE));
        assertRevalidated(ask(11, asking("max-age=10"), MINUTE), Reason.REQUEST_MAX_AGE);
        assertRevalidated(ask(1, asking("max-age=0"), MINUTE), Reason.REQUEST_MAX_AGE);
        assertRevalidated(ask(1, asking("max-age=x"), MINUTE), Reason.REQUEST_MAX_AGE);
    }

    // RFC 8246 §2: only while it is fresh
    @Test
    void an_immutable_response_is_old_enough_for_any_max_age() {
        assertHit(ask(59, asking("max-age=10"), minute("immutable")));
        assertRevalidated(ask(60, asking("max-age=10"), minute("immutable")), Reason.REQUEST_MAX_AGE);
        assertRevalidated(ask(1, asking("no-cache"), minute("immutable")), Reason.REQUEST_NO_CACHE);
    }

    // RFC 9111 §5.2.1.3
    @Test
    void a_request_takes_no_response_that_will_not_be_fresh_for_its_min_fresh() {
        assertHit(ask(49, asking("min-fresh=10"), MINUTE));
        assertHit(ask(50, asking("min-fresh=10"), MINUTE));
        assertRevalidated(ask(51, asking("min-fresh=10"), MINUTE), Reason.REQUEST_MIN_FRESH);
    }

    // RFC 9111 §5.2.1.2
    @Test
    void max_stale_takes_a_response_that_is_stale_by_no_more() {
        assertStale(ask(69, asking("max-stale=10"), MINUTE), Reason.REQUEST_MAX_STALE);
        assertStale(ask(70, asking("max-stale=10"), MINUTE), Reason.REQUEST_MAX_STALE);
        assertRevalidated(ask(71, asking("max-stale=10"), MINUTE), Reason.STALE);
        assertStale(ask(1_000_000, asking("max-stale"), MINUTE), Reason.REQUEST_MAX_STALE);
    }

    // RFC 9111 §5.2.1.1: max-stale lifts only the wish for a fresh one
    @Test
    void max_age_of_a_request_bounds_the_age_also_with_max_stale() {
        assertRevalidated(ask(6, asking("max-age=5, max-stale"), MINUTE), Reason.REQUEST_MAX_AGE);
        assertStale(ask(70, asking("max-age=100, max-stale"), MINUTE), Reason.REQUEST_MAX_STALE);
    }

    // RFC 9111 §5.2.1.4: only a response can qualify it
    @Test
    void no_cache_of_a_request_restricts_with_an_argument_too() {
        assertRevalidated(ask(0, asking("no-cache=\"X\""), MINUTE), Reason.REQUEST_NO_CACHE);
    }

    // RFC 9111 §4.2.4, §5.2.2.2, §5.2.2.8, §5.2.2.10
    @ParameterizedTest
    @ValueSource(strings = {"must-revalidate", "proxy-revalidate", "s-maxage=60"})
    void nothing_lets_a_response_be_served_stale_that_forbids_it(String directive) {
        StoredResponse stored = minute(directive + ", stale-while-revalidate=100");
        assertHit(ask(59, get(), stored));
        assertRevalidated(ask(60, get(), stored), Reason.STALE);
        assertRevalidated(ask(60, asking("max-stale"), stored), Reason.STALE);
    }

    // RFC 5861 §3
    @Test
    void stale_while_revalidate_serves_stale_for_its_seconds_and_refreshes() {
        StoredResponse stored = minute("stale-while-revalidate=10");
        assertThat(ask(60, get(), stored)).isEqualTo(new Decision.Stale(stored, true, Reason.STALE_WHILE_REVALIDATE));
        assertStale(ask(69, get(), stored), Reason.STALE_WHILE_REVALIDATE);
        assertRevalidated(ask(71, get(), stored), Reason.STALE);
    }

    // No permission that counts from the end of the lifetime holds while nobody knows when that was
    @Test
    void a_response_from_the_future_is_revalidated() {
        assertHit(ask(-1, get(), MINUTE));
        assertRevalidated(ask(-3600, get(), MINUTE), Reason.STALE);
        assertRevalidated(ask(-3600, get(), minute("stale-while-revalidate=100000")), Reason.STALE);
        assertRevalidated(ask(-3600, asking("max-stale=100000"), MINUTE), Reason.STALE);
        assertRevalidated(ask(-3600, asking("min-fresh=0"), MINUTE), Reason.REQUEST_MIN_FRESH);
        assertRevalidated(ask(-3600, asking("max-age=10"), minute("immutable")), Reason.STALE);
        assertStale(ask(-3600, asking("max-stale"), MINUTE), Reason.REQUEST_MAX_STALE);
        assertRevalidated(ask(OVERRIDE, -3600, get(), stored(OVERRIDE, get(), response(200))), Reason.STALE);
    }

    // RFC 9111 §5.2.1.7
    @Test
    void only_if_cached_is_never_forwarded() {
        Request request = asking("only-if-cached");
        Decision no = new Decision.Unsatisfiable(Reason.ONLY_IF_CACHED);
        assertHit(ask(59, request, MINUTE));
        assertThat(ask(60, request, MINUTE)).isEqualTo(no);
        assertThat(ask(0, request)).isEqualTo(no);
        assertThat(ask(0, asking("only-if-cached, no-cache"), MINUTE)).isEqualTo(no);
        assertStale(ask(60, asking("only-if-cached, max-stale"), MINUTE), Reason.REQUEST_MAX_STALE);
    }

    // RFC 9111 §4, §4.4
    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "PATCH", "OPTIONS", "UNKNOWN", "get"})
    void another_method_has_nothing_to_do_with_the_store(String method) {
        assertForwarded(ask(0, request(method), MINUTE), Reason.METHOD);
    }

    // RFC 9110 §9.3.1
    @Test
    void a_get_with_a_body_is_not_answered_from_the_store() {
        assertForwarded(ask(0, get().withBody(), MINUTE), Reason.REQUEST_BODY);
        assertForwarded(ask(0, request("HEAD").withBody(), MINUTE), Reason.REQUEST_BODY);
    }

    // RFC 9111 §4.3.2
    @ParameterizedTest
    @ValueSource(strings = {"If-Match", "If-Unmodified-Since"})
    void a_condition_that_only_the_origin_can_judge_is_forwarded(String field) {
        assertForwarded(ask(0, get().header(field, "\"1\""), MINUTE), Reason.PRECONDITION);
    }

    // The override policy
    @Test
    void what_override_stored_is_no_hit_for_another_policy_on_the_same_store() {
        for (String control : List.of("private", "no-store", "max-age=0")) {
            StoredResponse stored = stored(OVERRIDE, get(), response(200).cacheControl(control));
            assertForwarded(ask(RFC, 0, get(), stored), Reason.URI_MISS);
            assertForwarded(ask(STANDARD, 0, get(), stored), Reason.URI_MISS);
            assertHit(ask(OVERRIDE, 0, get(), stored));
            StoredResponse softlyPurged =
                    stored.freshened(stored.head(), stored.freshness().expired(NOON));
            assertForwarded(ask(RFC, 0, get(), softlyPurged), Reason.URI_MISS);
        }
    }

    @Test
    void what_override_stored_is_as_fresh_for_another_policy_as_the_origin_says() {
        StoredResponse stored = stored(OVERRIDE, get(), response(200).cacheControl("max-age=1000"));
        assertHit(ask(RFC, 999, get(), stored));
        assertRevalidated(ask(RFC, 1000, get(), stored), Reason.STALE);
        assertRevalidated(ask(OVERRIDE, 300, get(), stored), Reason.STALE);
        StoredResponse noCache = stored(OVERRIDE, get(), response(200).cacheControl("no-cache"));
        assertRevalidated(ask(STANDARD, 0, get(), noCache), Reason.RESPONSE_NO_CACHE);
    }

    @Test
    void what_another_policy_stored_is_found_beside_what_override_stored() {
        StoredResponse overridden = stored(OVERRIDE, get(), response(200).cacheControl("private"));
        StoredResponse allowed = stored(RFC, get(), response(200).cacheControl("max-age=1000"));
        assertHit(ask(RFC, 0, get(), overridden, allowed));
        assertHit(ask(OVERRIDE, 0, get(), allowed));
    }

    @Test
    void override_looks_only_at_the_time_and_at_credentials() {
        StoredResponse stored = stored(OVERRIDE, get(), response(200).cacheControl("no-cache, must-revalidate"));
        assertHit(ask(OVERRIDE, 299, asking("no-cache"), stored));
        assertRevalidated(ask(OVERRIDE, 300, get(), stored), Reason.STALE);
        assertForwarded(ask(OVERRIDE, 0, get().header("Authorization", "a"), stored), Reason.CREDENTIALS);
        assertForwarded(ask(OVERRIDE, 0, get().header("Cookie", "a=b"), stored), Reason.CREDENTIALS);
        assertHit(ask(RFC, 0, get().header("Cookie", "a=b"), MINUTE));
    }

    @Test
    void a_cookie_that_another_policy_stored_is_not_replayed() {
        StoredResponse cookie = stored(response(200).cacheControl("max-age=60").header("Set-Cookie", "session=1"));
        assertHit(ask(RFC, 0, get(), cookie));
        assertForwarded(ask(OVERRIDE, 0, get(), cookie), Reason.URI_MISS);
        assertForwarded(ask(STANDARD, 0, get(), cookie), Reason.URI_MISS);
    }
}
