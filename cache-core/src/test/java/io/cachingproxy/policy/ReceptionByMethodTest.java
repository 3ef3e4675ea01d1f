package io.cachingproxy.policy;

import static io.cachingproxy.policy.Rules.NOON;
import static io.cachingproxy.policy.Rules.RFC;
import static io.cachingproxy.policy.Rules.assertFreshened;
import static io.cachingproxy.policy.Rules.assertNotStored;
import static io.cachingproxy.policy.Rules.assertStored;
import static io.cachingproxy.policy.Rules.at;
import static io.cachingproxy.policy.Rules.receive;
import static io.cachingproxy.policy.Rules.revalidate;
import static io.cachingproxy.policy.Rules.stored;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Reception} makes of answers to POST, QUERY and HEAD. */
class ReceptionByMethodTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");
    private static final Response TAGGED = MINUTE.header("ETag", "\"1\"");
    private static final Request POST = request("POST").path("/a?b").withBody();
    private static final Request HEAD = request("HEAD");

    private static Outcome post(Response response) {
        return Reception.judge(
                Terms.of(RFC), POST.head(), new Decision.Bypass(Reason.METHOD), response.head(), NOON, NOON);
    }

    // RFC 9110 §9.3.3, RFC 9111 §4
    @ParameterizedTest
    @ValueSource(strings = {"/a?b", "a?b", "http://example.org/a?b", "HTTP://Example.org/a?b"})
    void a_post_with_freshness_and_its_own_content_location_is_stored(String location) {
        assertStored(post(MINUTE.header("Content-Location", location)));
    }

    // RFC 9110 §9.3.3
    @ParameterizedTest
    @ValueSource(strings = {"/a", "/a?c", "https://example.org/a?b", "http://example.com/a?b", "", "%"})
    void a_post_with_another_content_location_is_not(String location) {
        assertNotStored(post(MINUTE.header("Content-Location", location)), Reason.METHOD);
    }

    // RFC 9110 §9.3.3
    @Test
    void a_post_without_content_location_freshness_or_success_is_not_stored() {
        assertNotStored(post(MINUTE), Reason.METHOD);
        assertNotStored(post(response(200).header("Content-Location", "/a?b")), Reason.METHOD);
        assertNotStored(
                post(response(201).cacheControl("max-age=60").header("Content-Location", "/a?b")), Reason.METHOD);
        assertNotStored(
                post(MINUTE.cacheControl("no-store").header("Content-Location", "/a?b")), Reason.RESPONSE_NO_STORE);
    }

    // RFC 10008 §2.7
    @Test
    void a_query_is_stored_where_its_content_is_known() {
        RequestHead query = request("QUERY").withBody().head();
        Decision miss = new Decision.Miss(Reason.URI_MISS);
        assertStored(Reception.judge(Terms.of(RFC), query.withContentDigest("00"), miss, MINUTE.head(), NOON, NOON));
        assertNotStored(
                Reception.judge(Terms.of(RFC), query, miss, MINUTE.head(), NOON, NOON), Reason.METHOD_NOT_STORED);
    }

    // RFC 9111 §4.3.5
    @Test
    void a_head_answer_about_the_same_representation_freshens() {
        StoredResponse freshened = assertFreshened(revalidate(60, HEAD, stored(TAGGED), TAGGED));
        assertThat(freshened.isFresh(at(119))).isTrue();
        assertFreshened(revalidate(60, HEAD, stored(TAGGED), TAGGED.header("Content-Length", "0")));
    }

    // RFC 9111 §4.3.5
    @Test
    void a_head_answer_about_another_representation_does_not() {
        assertNotStored(revalidate(60, HEAD, stored(TAGGED), MINUTE.header("ETag", "\"2\"")), Reason.SUPERSEDED);
        assertNotStored(revalidate(60, HEAD, stored(TAGGED), TAGGED.header("Content-Length", "9")), Reason.SUPERSEDED);
    }

    // RFC 9111 §3
    @Test
    void a_head_answer_to_a_miss_is_not_stored() {
        assertNotStored(receive(HEAD, TAGGED), Reason.METHOD_NOT_STORED);
    }
}
