package io.cachingproxy.policy;

import static io.cachingproxy.policy.Rules.APPLICATION;
import static io.cachingproxy.policy.Rules.NOON;
import static io.cachingproxy.policy.Rules.OVERRIDE;
import static io.cachingproxy.policy.Rules.RFC;
import static io.cachingproxy.policy.Rules.STANDARD;
import static io.cachingproxy.policy.Rules.assertNotStored;
import static io.cachingproxy.policy.Rules.assertStored;
import static io.cachingproxy.policy.Rules.receive;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is stored of what a miss brings; see {@link RevalidationTest} for what becomes of a stored response. */
class ReceptionTest {
    private static final Response FRESH = response(200).cacheControl("max-age=60");
    private static final Request AUTHORIZED = get().header("Authorization", "Basic x");

    private static Response fresh(String more) {
        return response(200).cacheControl("max-age=60, " + more);
    }

    // RFC 9111 §3
    @Test
    void a_fresh_answer_to_get_is_stored() {
        assertStored(receive(get(), FRESH));
    }

    // RFC 9111 §3
    @Test
    void a_head_answer_is_not_stored() {
        assertNotStored(receive(request("HEAD"), FRESH), Reason.METHOD_NOT_STORED);
    }

    // RFC 9111 §3: the status code is final; RFC 9110 §15: unknown ones are
    @ParameterizedTest
    @ValueSource(ints = {200, 201, 299, 302, 400, 404, 499, 500, 503, 599})
    void any_final_status_is_stored_with_explicit_freshness(int status) {
        assertStored(receive(get(), response(status).cacheControl("max-age=60")));
    }

    // RFC 9111 §4.3.4: a 304 to the client's own condition is nothing to be stored
    @Test
    void a_304_is_not_stored() {
        assertNotStored(receive(get(), response(304).cacheControl("max-age=60")), Reason.STATUS_NOT_STORED);
    }

    // RFC 9111 §3.3
    @Test
    void a_partial_answer_without_a_range_is_not_stored() {
        assertNotStored(receive(get(), response(206).cacheControl("max-age=60")), Reason.PARTIAL_NOT_STORED);
    }

    // RFC 9111 §5.2.1.5
    @Test
    void nothing_is_stored_for_a_no_store_request() {
        assertNotStored(receive(get().cacheControl("no-store"), FRESH), Reason.REQUEST_NO_STORE);
    }

    // RFC 9111 §5.2.2.5
    @Test
    void a_no_store_response_is_not_stored() {
        assertNotStored(receive(get(), fresh("no-store")), Reason.RESPONSE_NO_STORE);
        assertNotStored(receive(get(), fresh("public, No-Store=x")), Reason.RESPONSE_NO_STORE);
    }

    // RFC 9111 §5.2.2.3
    @Test
    void must_understand_counts_in_place_of_no_store_for_a_status_that_is_understood() {
        assertStored(receive(get(), fresh("no-store, must-understand")));
        Response unknown = response(599).cacheControl("max-age=60, must-understand");
        assertNotStored(receive(get(), unknown), Reason.STATUS_NOT_UNDERSTOOD);
    }

    // RFC 9111 §5.2.2.7
    @Test
    void a_private_response_is_not_stored_unless_only_fields_are() {
        assertNotStored(receive(get(), fresh("private")), Reason.RESPONSE_PRIVATE);
        assertNotStored(receive(get(), fresh("public, private=x")), Reason.RESPONSE_PRIVATE);
        assertStored(receive(get(), fresh("private=\"X-User\"")));
    }

    // RFC 9111 §3.5
    @Test
    void an_answer_to_authorization_is_not_stored() {
        assertNotStored(receive(AUTHORIZED, FRESH), Reason.AUTHORIZATION);
        assertNotStored(receive(AUTHORIZED, fresh("proxy-revalidate")), Reason.AUTHORIZATION);
    }

    // RFC 9111 §3.5
    @ParameterizedTest
    @ValueSource(strings = {"public", "s-maxage=60", "must-revalidate"})
    void an_answer_to_authorization_is_stored_where_the_origin_permits_it(String directive) {
        assertStored(receive(AUTHORIZED, fresh(directive)));
    }

    // RFC 9111 §3.5: a permission has to be well-formed
    @ParameterizedTest
    @ValueSource(
            strings = {"public=x", "s-maxage=x", "s-maxage = 60", "must-revalidate=1", "must-revalidate = 1", "public;"
            })
    void a_malformed_permission_permits_nothing(String directive) {
        assertNotStored(receive(AUTHORIZED, fresh(directive)), Reason.AUTHORIZATION);
    }

    // RFC 9111 §7.3
    @Test
    void set_cookie_matters_by_policy() {
        assertNotStored(receive(STANDARD, get(), FRESH.header("Set-Cookie", "a=b")), Reason.SET_COOKIE);
        assertStored(receive(RFC, get(), FRESH.header("Set-Cookie", "a=b")));
        assertNotStored(receive(OVERRIDE, get(), FRESH.header("Set-Cookie", "a=b")), Reason.SET_COOKIE);
        assertNotStored(receive(APPLICATION, get(), FRESH.header("Set-Cookie", "a=b")), Reason.SET_COOKIE);
    }

    // RFC 9111 §3
    @Test
    void a_status_that_is_not_heuristically_cacheable_needs_explicit_freshness() {
        Response modified = response(599).header("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
        assertNotStored(receive(get(), modified), Reason.NO_FRESHNESS);
        assertStored(receive(get(), modified.cacheControl("public")));
    }

    // RFC 9111 §3
    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 500, 502, 503, 504})
    void an_error_needs_explicit_freshness_under_every_policy(int status) {
        assertNotStored(receive(STANDARD, get(), response(status)), Reason.NO_FRESHNESS);
        assertNotStored(receive(OVERRIDE, get(), response(status)), Reason.STATUS_NOT_STORED);
    }

    // RFC 9111 §4: never fresh, and nothing to ask the origin about
    @Test
    void what_could_never_be_reused_is_not_stored() {
        assertNotStored(receive(get(), response(200)), Reason.NO_REUSE);
        assertNotStored(receive(get(), response(200).cacheControl("max-age=0")), Reason.NO_REUSE);
        assertStored(receive(get(), response(200).cacheControl("max-age=0").header("ETag", "\"1\"")));
        assertStored(receive(get(), response(200).cacheControl("max-age=0, stale-if-error=60")));
        assertStored(receive(STANDARD, get(), response(200)));
    }

    // RFC 9111 §4.1
    @Test
    void a_response_that_varies_on_everything_is_not_stored_under_any_policy() {
        assertNotStored(receive(get(), FRESH.header("Vary", "*")), Reason.VARY_STAR);
        assertNotStored(receive(OVERRIDE, get(), FRESH.header("Vary", "A, *")), Reason.VARY_STAR);
        assertNotStored(receive(OVERRIDE, get(), FRESH.header("Vary", "foo bar")), Reason.VARY_STAR);
    }

    // RFC 9111 §4.1
    @Test
    void the_selecting_fields_are_stored_with_it() {
        Outcome.Store store = assertStored(receive(get().header("A", "1"), FRESH.header("Vary", "a")));
        assertThat(store.selection().matches(Headers.of("A", "1"))).isTrue();
        assertThat(store.selection().matches(Headers.of("A", "2"))).isFalse();
    }

    // RFC 9111 §3.1
    @Test
    void hop_by_hop_fields_and_age_are_not_stored() {
        Outcome.Store store = assertStored(receive(
                get(),
                FRESH.header("Connection", "X-A")
                        .header("X-A", "1")
                        .header("Proxy-Authenticate", "Basic")
                        .header("Age", "1")
                        .header("X-B", "2")));
        assertThat(store.headers().without("Date")).isEqualTo(Headers.of("Cache-Control", "max-age=60", "X-B", "2"));
    }

    // RFC 9111 §5.2.2.4, §5.2.2.7
    @Test
    void fields_under_a_qualified_private_or_no_cache_are_not_stored() {
        Outcome.Store store = assertStored(receive(
                get(),
                fresh("private=\"x-a\", no-cache=\"X-B\"").header("X-A", "1").header("x-b", "2")));
        assertThat(store.headers().contains("X-A")).isFalse();
        assertThat(store.headers().contains("X-B")).isFalse();
    }

    // RFC 9110 §6.6.1
    @Test
    void a_response_without_date_gets_one() {
        assertThat(assertStored(receive(get(), FRESH)).headers().first("Date"))
                .isEqualTo("Wed, 04 Mar 2026 12:00:00 GMT");
    }

    // The override policy
    @Test
    void override_stores_every_200_that_is_nobodys_own() {
        assertStored(receive(OVERRIDE, get(), fresh("no-store, private")));
        assertNotStored(receive(OVERRIDE, AUTHORIZED, FRESH), Reason.CREDENTIALS);
        assertNotStored(receive(OVERRIDE, get().header("Cookie", "a=b"), FRESH), Reason.CREDENTIALS);
    }

    // The standard policy: no default and no guess where the page may be somebody's own
    @ParameterizedTest
    @ValueSource(strings = {"Cookie", "Authorization"})
    void what_says_nothing_is_not_stored_for_a_request_with_credentials(String credentials) {
        Request request = get().header(credentials, "a=b");
        Response modified = response(200).header("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
        assertNotStored(receive(STANDARD, request, modified.cacheControl("public")), Reason.CREDENTIALS);
        assertNotStored(
                receive(STANDARD, request, response(200).cacheControl("public").header("ETag", "\"1\"")),
                Reason.CREDENTIALS);
        assertNotStored(receive(STANDARD, request, response(404).cacheControl("public")), Reason.CREDENTIALS);
        assertStored(receive(STANDARD, request, response(200).cacheControl("public, max-age=60")));
        assertStored(receive(STANDARD, request, response(200).cacheControl("s-maxage=60")));
        assertStored(receive(RFC, request, modified.cacheControl("public")));
    }

    @Test
    void a_cookie_keeps_what_says_nothing_from_the_store() {
        Request request = get().header("Cookie", "a=b");
        assertNotStored(receive(STANDARD, request, response(200)), Reason.CREDENTIALS);
        assertStored(receive(STANDARD, request, FRESH));
        assertStored(receive(STANDARD, request, response(200).header("Expires", "Thu, 04 Mar 2027 12:00:00 GMT")));
        assertStored(receive(
                STANDARD, request, response(200).cacheControl("no-cache").header("ETag", "\"1\"")));
        assertStored(receive(STANDARD, get(), response(200)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "Text/Event-Stream;charset=utf-8", " text/event-stream "})
    void a_stream_of_events_is_not_stored_by_default(String type) {
        Response stream = response(200).header("Content-Type", type);
        assertNotStored(receive(STANDARD, get(), stream), Reason.NO_FRESHNESS);
        assertNotStored(
                receive(STANDARD, get(), stream.header("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")),
                Reason.NO_FRESHNESS);
        assertStored(receive(STANDARD, get(), stream.cacheControl("max-age=60")));
    }

    @Test
    void an_application_stores_nothing_that_says_nothing() {
        Response modified = response(200).header("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
        assertNotStored(receive(APPLICATION, get(), modified), Reason.NO_FRESHNESS);
        assertNotStored(receive(APPLICATION, get(), response(200).header("ETag", "\"1\"")), Reason.NO_FRESHNESS);
        assertNotStored(receive(APPLICATION, get(), modified.cacheControl("public")), Reason.NO_FRESHNESS);
        assertStored(receive(APPLICATION, get(), FRESH));
        assertNotStored(receive(APPLICATION, get().header("Cookie", "a=b"), FRESH), Reason.CREDENTIALS);
        assertStored(receive(
                APPLICATION, get(), response(200).cacheControl("no-cache").header("ETag", "\"1\"")));
    }

    @Test
    void what_bypassed_the_store_is_relayed() {
        Outcome outcome = Reception.judge(
                Terms.of(RFC),
                get().withBody().head(),
                new Decision.Bypass(Reason.REQUEST_BODY),
                FRESH.head(),
                NOON,
                NOON);
        assertNotStored(outcome, Reason.REQUEST_BODY);
    }
}
