package io.cachingproxy.policy;

import static io.cachingproxy.policy.Rules.RFC;
import static io.cachingproxy.policy.Rules.ask;
import static io.cachingproxy.policy.Rules.assertHit;
import static io.cachingproxy.policy.Rules.assertNotStored;
import static io.cachingproxy.policy.Rules.assertRevalidated;
import static io.cachingproxy.policy.Rules.assertStale;
import static io.cachingproxy.policy.Rules.assertStored;
import static io.cachingproxy.policy.Rules.receive;
import static io.cachingproxy.policy.Rules.revalidate;
import static io.cachingproxy.policy.Rules.stored;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Messages.Response;
import org.junit.jupiter.api.Test;

/** The cache of one user (RFC 9111 §1.2.2). */
class PrivateCacheTest {
    private static final Policy PRIVATE = Policy.privateCache();

    // RFC 9111 §5.2.2.7
    @Test
    void private_responses_are_stored_with_all_their_fields() {
        Response response = response(200)
                .cacheControl("private=\"X-User\", max-age=60")
                .header("X-User", "alice")
                .header("Set-Cookie", "a=b");
        Outcome.Store stored = assertStored(receive(PRIVATE, get(), response));
        assertThat(stored.headers().first("X-User")).isEqualTo("alice");
        assertStored(receive(PRIVATE, get(), response(200).cacheControl("private, max-age=60")));
        assertNotStored(receive(PRIVATE, get(), response(200).cacheControl("no-store")), Reason.RESPONSE_NO_STORE);
    }

    // RFC 9111 §3.5
    @Test
    void responses_to_requests_with_authorization_are_stored() {
        Response response = response(200).cacheControl("max-age=60");
        assertStored(receive(PRIVATE, get().header("Authorization", "a"), response));
        assertNotStored(receive(RFC, get().header("Authorization", "a"), response), Reason.AUTHORIZATION);
    }

    // RFC 9111 §5.2.2.10
    @Test
    void s_maxage_is_ignored() {
        StoredResponse stored = stored(PRIVATE, get(), response(200).cacheControl("max-age=60, s-maxage=600"));
        assertHit(ask(PRIVATE, 59, get(), stored));
        assertRevalidated(ask(PRIVATE, 60, get(), stored), Reason.STALE);
    }

    // RFC 9111 §5.2.2.8
    @Test
    void proxy_revalidate_is_ignored_and_must_revalidate_is_not() {
        StoredResponse proxies = stored(
                PRIVATE, get(), response(200).cacheControl("max-age=60, proxy-revalidate, stale-while-revalidate=9"));
        assertStale(ask(PRIVATE, 61, get(), proxies), Reason.STALE_WHILE_REVALIDATE);
        StoredResponse all = stored(
                PRIVATE, get(), response(200).cacheControl("max-age=60, must-revalidate, stale-while-revalidate=9"));
        assertRevalidated(ask(PRIVATE, 61, get(), all), Reason.STALE);
    }

    // RFC 9213 §3
    @Test
    void fields_for_content_delivery_networks_are_ignored() {
        assertNotStored(
                receive(
                        PRIVATE,
                        get(),
                        response(200).cacheControl("no-store").header("CDN-Cache-Control", "max-age=60")),
                Reason.RESPONSE_NO_STORE);
    }

    @Test
    void a_validation_that_makes_a_response_private_leaves_it_stored() {
        StoredResponse stored =
                stored(PRIVATE, get(), response(200).cacheControl("max-age=60").header("ETag", "\"1\""));
        Outcome outcome = revalidate(PRIVATE, 61, get(), stored, response(304).cacheControl("private, max-age=60"));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Freshen.class,
                        freshen -> assertThat(freshen.stays()).isTrue());
    }
}
