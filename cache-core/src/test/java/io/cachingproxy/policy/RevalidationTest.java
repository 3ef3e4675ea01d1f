package io.cachingproxy.policy;

import static io.cachingproxy.policy.Rules.RFC;
import static io.cachingproxy.policy.Rules.STANDARD;
import static io.cachingproxy.policy.Rules.assertFreshened;
import static io.cachingproxy.policy.Rules.assertNotStored;
import static io.cachingproxy.policy.Rules.assertStored;
import static io.cachingproxy.policy.Rules.at;
import static io.cachingproxy.policy.Rules.revalidate;
import static io.cachingproxy.policy.Rules.stored;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Reception} makes of the answer to a question about a stored response. */
class RevalidationTest {
    private static final Response TAGGED = response(200)
            .cacheControl("max-age=60")
            .header("ETag", "\"1\"")
            .header("Content-Type", "text/plain")
            .header("Content-Length", "0")
            .header("X-A", "old")
            .header("X-A", "older");

    private static Headers merged(Response notModified) {
        return assertFreshened(revalidate(60, get(), stored(TAGGED), notModified))
                .head()
                .headers();
    }

    // RFC 9111 §4.3.4, §3.2
    @Test
    void a_304_replaces_the_fields_that_it_carries_and_leaves_the_others() {
        Headers merged = merged(response(304).header("x-a", "new").header("X-B", "1"));
        assertThat(merged.all("X-A")).containsExactly("new");
        assertThat(merged.first("X-B")).isEqualTo("1");
        assertThat(merged.first("ETag")).isEqualTo("\"1\"");
    }

    // RFC 9111 §3.2
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length", "Content-Encoding", "Content-Range", "Content-MD5", "Content-Digest"})
    void a_304_does_not_change_what_describes_the_stored_bytes(String name) {
        assertThat(merged(response(304).header(name, "7")).first(name))
                .isEqualTo(TAGGED.headers().first(name));
    }

    // RFC 9111 §3.2: it is not among the exceptions
    @Test
    void a_304_changes_content_type() {
        assertThat(merged(response(304).header("Content-Type", "text/x")).all("Content-Type"))
                .containsExactly("text/x");
    }

    // RFC 9111 §5.2.2.6
    @Test
    void a_304_with_no_transform_removes_a_coded_response_that_was_received_without_it() {
        StoredResponse coded = stored(TAGGED.header("Content-Encoding", "gzip"));
        Response forbids = response(304).cacheControl("max-age=60, no-transform");
        assertThat(revalidate(60, get(), coded, forbids)).isEqualTo(new Outcome.Freshen(coded, false));
        Response permits = response(304).cacheControl("max-age=60");
        assertThat(assertFreshened(revalidate(60, get(), coded, permits))).isNotEqualTo(coded);
        Response asSent = TAGGED.header("Content-Encoding", "gzip").cacheControl("max-age=60, no-transform");
        for (Response kept : List.of(TAGGED, asSent)) {
            StoredResponse freshened = assertFreshened(revalidate(60, get(), stored(kept), forbids));
            assertThat(freshened.head().cacheControl().has("no-transform")).isTrue();
        }
    }

    // RFC 9111 §3.1
    @Test
    void hop_by_hop_fields_of_a_304_are_not_merged() {
        Headers merged = merged(
                response(304).header("Connection", "X-C").header("X-C", "1").header("Age", "3"));
        assertThat(merged.contains("X-C")).isFalse();
        assertThat(merged.contains("Connection")).isFalse();
        assertThat(merged.contains("Age")).isFalse();
    }

    // RFC 9111 §4.3.4
    @Test
    void a_304_makes_the_response_fresh_again_by_the_merged_directives() {
        StoredResponse same = assertFreshened(revalidate(60, get(), stored(TAGGED), response(304)));
        assertThat(same.isFresh(at(119))).isTrue();
        assertThat(same.isFresh(at(120))).isFalse();
        StoredResponse longer = assertFreshened(
                revalidate(60, get(), stored(TAGGED), response(304).cacheControl("max-age=90")));
        assertThat(longer.isFresh(at(149))).isTrue();
        assertThat(longer.isFresh(at(150))).isFalse();
    }

    // RFC 9111 §4.2.3
    @Test
    void the_age_of_a_304_is_the_age_from_then_on() {
        StoredResponse aged = assertFreshened(
                revalidate(60, get(), stored(TAGGED), response(304).header("Age", "5")));
        assertThat(aged.freshness().age(at(61))).isEqualTo(Duration.ofSeconds(6));
    }

    // RFC 9111 §4.3.4
    @Test
    void a_304_about_another_entity_tag_changes_nothing() {
        StoredResponse stored = stored(TAGGED);
        assertThat(assertFreshened(revalidate(60, get(), stored, response(304).header("ETag", "W/\"1\""))))
                .isNotEqualTo(stored);
        assertThat(assertFreshened(revalidate(60, get(), stored, response(304).header("ETag", "\"2\""))))
                .isEqualTo(stored);
    }

    // RFC 9111 §4.3.4: what answers the client's own condition says nothing about a response without a validator
    @Test
    void a_304_to_the_clients_own_condition_does_not_freshen_a_response_without_validator() {
        Outcome outcome = revalidate(
                60,
                get().header("If-None-Match", "\"new\""),
                stored(response(200).cacheControl("max-age=60")),
                response(304).header("ETag", "\"new\""));
        assertNotStored(outcome, Reason.STATUS_NOT_STORED);
    }

    @Test
    void a_cookie_of_a_304_is_not_handed_to_everybody_by_default() {
        Response cookie = response(304).header("Set-Cookie", "session=1");
        Outcome outcome = revalidate(STANDARD, 60, get(), stored(TAGGED), cookie);
        assertThat(assertFreshened(outcome).head().headers().contains("Set-Cookie"))
                .isFalse();
        assertThat(assertFreshened(revalidate(RFC, 60, get(), stored(TAGGED), cookie))
                        .head()
                        .headers()
                        .contains("Set-Cookie"))
                .isTrue();
    }

    // The standard policy: neither is the default
    @Test
    void a_304_to_a_request_with_a_cookie_makes_nothing_fresh_by_default() {
        StoredResponse unstated = stored(STANDARD, get(), response(200).header("ETag", "\"1\""));
        Outcome theirs = revalidate(STANDARD, 300, get().header("Cookie", "a=b"), unstated, response(304));
        assertThat(assertFreshened(theirs).isFresh(at(300))).isFalse();
        Outcome anyones = revalidate(STANDARD, 300, get(), unstated, response(304));
        assertThat(assertFreshened(anyones).isFresh(at(599))).isTrue();
    }

    // RFC 9111 §3, §5.2.2.5, §5.2.2.7
    @ParameterizedTest
    @ValueSource(strings = {"private", "no-store", "max-age=60, private"})
    void what_a_304_forbids_to_store_does_not_stay(String directive) {
        Outcome outcome = revalidate(60, get(), stored(TAGGED), response(304).cacheControl(directive));
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Freshen.class,
                        freshen -> assertThat(freshen.stays()).isFalse());
    }

    // RFC 9111 §4.3.3
    @Test
    void a_full_answer_replaces_the_stored_one() {
        assertStored(revalidate(60, get(), stored(TAGGED), TAGGED));
        assertNotStored(
                revalidate(60, get(), stored(TAGGED), TAGGED.cacheControl("no-store")), Reason.RESPONSE_NO_STORE);
    }

    @Property
    void a_304_adds_at_most_itself(@ForAll Map<String, String> fields) {
        Response notModified = response(304);
        for (Map.Entry<String, String> field : fields.entrySet()) {
            notModified = notModified.header(field.getKey(), field.getValue());
        }
        Outcome outcome = revalidate(60, get(), stored(TAGGED), notModified);
        if (outcome instanceof Outcome.Freshen freshen) {
            Headers merged = freshen.freshened().head().headers();
            long date = "Date: Wed, 04 Mar 2026 12:00:00 GMT\r\n".length();
            assertThat(merged.length())
                    .isLessThanOrEqualTo(
                            TAGGED.headers().length() + notModified.headers().length() + date);
            Outcome again = revalidate(120, get(), freshen.freshened(), notModified);
            assertThat(assertFreshened(again).head().headers().size()).isEqualTo(merged.size());
        }
    }
}
