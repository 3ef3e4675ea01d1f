package io.cachingproxy.cli.preview;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cachingproxy.HttpCache;
import io.cachingproxy.OriginException;
import io.cachingproxy.coding.ContentCoding;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The evaluation of a shadow site, whose responses all come from the origin. */
class ShadowTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");

    private final ManualClock clock = ManualClock.atNoon();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Shadow shadow = new Shadow(clock, new Redaction(Redaction.DEFAULT), 1_000, registry);
    private final Client client = new Client(HttpCache.builder()
            .clock(clock)
            .listener(shadow)
            .sites(Sites.of())
            .executor(Runnable::run)
            .build());

    ShadowTest() {
        use();
    }

    @AfterEach
    void close() {
        shadow.close();
        client.cache().close();
    }

    /** Applies these rules to the site, as a reload does. */
    private void use(Rule... rules) {
        Sites sites = Sites.of(site("shop", "example.org").rules(rules).withShadow());
        shadow.sites(sites);
        client.cache().sites(sites);
    }

    /** A request that the origin answers. */
    private void send(Request request, Response response, String body) {
        client.send(request, response, body).text();
    }

    private JsonNode report() {
        JsonNode json = new ObjectMapper()
                .valueToTree(shadow.json(client.cache().sites()))
                .path("sites");
        assertThat(json).hasSize(1);
        return json.get(0);
    }

    private long requests(String result) {
        return report().path("requests").path(result).asLong();
    }

    private void assertCompared(long right, long wrong, long not) {
        JsonNode report = report();
        assertThat(report.path("right").asLong()).as("right").isEqualTo(right);
        assertThat(report.path("wrong").asLong()).as("wrong").isEqualTo(wrong);
        assertThat(report.path("not-compared").asLong()).as("not compared").isEqualTo(not);
    }

    @Test
    void a_repeated_body_would_have_been_a_right_hit() {
        for (int i = 0; i < 3; i++) {
            send(get(), MINUTE, "text");
        }
        assertThat(requests("miss")).isEqualTo(1);
        assertThat(requests("hit")).isEqualTo(2);
        assertCompared(2, 0, 1);
        assertThat(report().path("bytes").asLong()).isEqualTo(12);
        assertThat(report().path("bytes-saved").asLong()).isEqualTo(8);
        assertThat(report().path("hit-ratio").path("requests").asDouble()).isEqualTo(0.6667);
        assertThat(client.origin().requests()).isEqualTo(3);
        assertThat(client.cache().store().keys()).isZero();
    }

    @Test
    void another_body_while_the_stored_one_is_fresh_would_have_been_wrong() {
        send(get("/page?token=secret"), MINUTE, "old");
        clock.advance(7);
        send(get("/page?token=secret"), MINUTE, "new");
        assertCompared(0, 1, 1);
        JsonNode wrong = report().path("wrong-responses").get(0);
        assertThat(wrong.path("url").asText()).isEqualTo("http://example.org/page?token=***");
        assertThat(wrong.path("method").asText()).isEqualTo("GET");
        assertThat(wrong.path("result").asText()).isEqualTo("hit");
        assertThat(wrong.path("age").asInt()).isEqualTo(7);
        assertThat(wrong.path("status").asInt()).isEqualTo(200);
        assertThat(wrong.path("differing")).isEmpty();
        assertThat(wrong.path("hint").asText()).contains("shorter ttl");
    }

    @Test
    void a_wrong_response_names_the_cookies_and_headers_that_differ_and_never_their_values() {
        use(rule("all").ttl(Duration.ofMinutes(1)).ignore(Ignored.COOKIE));
        Request german = get().header("Cookie", "lang=de; id=hidden1")
                .header("Accept-Language", "de")
                .header("Authorization", "Basic hidden2");
        Request english = get().header("Cookie", "id=hidden1; lang=en").header("Accept-Language", "en");
        use(rule("all").ttl(Duration.ofMinutes(1)).ignore(Ignored.COOKIE, Ignored.AUTHORIZATION));
        send(german, response(200), "hallo");
        send(english, response(200), "hello");
        JsonNode wrong = report().path("wrong-responses").get(0);
        assertThat(StreamSupport.stream(wrong.path("differing").spliterator(), false)
                        .map(JsonNode::asText))
                .containsExactlyInAnyOrder("cookie lang", "accept-language", "authorization");
        assertThat(wrong.path("hint").asText()).startsWith("cookie \"lang\" differs");
        assertThat(report().toString()).doesNotContain("hidden");
    }

    @Test
    void vary_keeps_variants_apart_as_in_the_cache() {
        Response german = MINUTE.header("Vary", "Accept-Language");
        for (int i = 0; i < 2; i++) {
            send(get().header("Accept-Language", "de"), german, "hallo");
            send(get().header("Accept-Language", "en"), german, "hello");
        }
        assertThat(requests("miss")).isEqualTo(2);
        assertCompared(2, 0, 2);
    }

    @Test
    void another_status_or_location_with_an_equal_body_is_wrong() {
        Response moved = response(301).cacheControl("max-age=60").header("Location", "/a");
        send(get(), moved, "");
        send(get(), moved, "");
        send(get(), response(301).cacheControl("max-age=60").header("Location", "/b"), "");
        send(get(), response(404).cacheControl("max-age=60"), "");
        assertCompared(1, 2, 1);
        assertThat(report().path("wrong-responses").get(0).path("stored-status").asInt())
                .isEqualTo(301);
    }

    @Test
    void a_stale_response_with_the_same_etag_would_have_been_validated() {
        Response tagged = MINUTE.header("ETag", "\"1\"");
        send(get(), tagged, "text");
        clock.advance(61);
        send(get(), tagged, "text");
        send(get(), tagged, "text");
        assertThat(requests("revalidated")).isEqualTo(1);
        assertThat(requests("hit")).isEqualTo(1);
        assertCompared(2, 0, 1);
        clock.advance(61);
        send(get(), MINUTE.header("ETag", "\"2\""), "other");
        assertThat(requests("miss")).isEqualTo(2);
        send(get(), MINUTE.header("ETag", "\"2\""), "other");
        assertCompared(3, 0, 2);
    }

    @Test
    void an_etag_that_stays_while_the_body_changes_is_found_out() {
        Response tagged = MINUTE.header("ETag", "\"1\"");
        send(get(), tagged, "text");
        clock.advance(61);
        send(get(), tagged, "changed");
        assertThat(requests("revalidated")).isEqualTo(1);
        assertCompared(0, 1, 1);
    }

    @Test
    void a_stale_response_while_it_is_revalidated_is_compared_and_then_replaced() {
        use(rule("swr").staleWhileRevalidate(Duration.ofHours(1)));
        send(get(), MINUTE, "old");
        clock.advance(61);
        send(get(), MINUTE, "new");
        assertThat(requests("stale")).isEqualTo(1);
        assertCompared(0, 1, 1);
        send(get(), MINUTE, "new");
        assertCompared(1, 1, 1);
    }

    @Test
    void a_304_to_the_client_is_compared_by_its_etag() {
        Request conditional = get().header("If-None-Match", "\"1\"");
        send(conditional, response(304).header("ETag", "\"1\""), "");
        assertThat(requests("miss")).isEqualTo(1);
        send(get(), MINUTE.header("ETag", "\"1\""), "text");
        send(conditional, response(304).header("ETag", "\"1\""), "");
        send(conditional, response(304).header("ETag", "\"2\""), "");
        send(conditional, response(304), "");
        assertThat(requests("miss")).isEqualTo(2);
        assertThat(requests("hit")).isEqualTo(3);
        assertCompared(1, 1, 3);
    }

    @Test
    void a_304_to_the_client_validates_a_stale_response() {
        Response tagged = MINUTE.header("ETag", "\"1\"");
        send(get(), tagged, "text");
        clock.advance(61);
        send(
                get().header("If-None-Match", "\"1\""),
                response(304).header("ETag", "\"1\"").cacheControl("max-age=60"),
                "");
        assertThat(requests("revalidated")).isEqualTo(1);
        send(get(), tagged, "text");
        assertThat(requests("hit")).isEqualTo(1);
        assertCompared(2, 0, 1);
    }

    @Test
    void partial_responses_heads_and_errors_are_not_compared_and_fill_nothing() {
        Response part = response(206).cacheControl("max-age=60").header("Content-Range", "bytes 0-1/4");
        send(get().header("Range", "bytes=0-1"), part, "te");
        send(request("HEAD"), MINUTE, "");
        assertThat(requests("miss")).isEqualTo(2);
        send(get(), MINUTE, "text");
        assertThat(requests("miss")).isEqualTo(3);
        send(get().header("Range", "bytes=0-1"), part, "te");
        send(request("HEAD"), MINUTE.header("Content-Length", "4"), "");
        send(get(), response(503), "down");
        assertThat(requests("hit")).isEqualTo(3);
        assertCompared(0, 0, 6);
        assertThat(report().path("bytes-saved").asLong()).isEqualTo(6);
    }

    @Test
    void an_incomplete_response_is_counted_apart_and_not_stored() {
        client.send(get());
        client.origin().last().head(MINUTE).body("te").fail(OriginException.Kind.FAILED);
        assertThat(report().path("incomplete").asInt()).isEqualTo(1);
        send(get(), MINUTE, "text");
        assertThat(requests("miss")).isEqualTo(1);
        assertThat(requests("hit")).isZero();
    }

    @Test
    void a_compress_rule_does_not_change_the_comparison() {
        use(rule("gzip").compress(ContentCoding.GZIP));
        Response page = MINUTE.header("Content-Type", "text/html").header("ETag", "\"1\"");
        String text = "text ".repeat(100);
        for (int i = 0; i < 2; i++) {
            send(get().header("Accept-Encoding", "gzip"), page, text);
            send(get(), page, text);
        }
        assertThat(requests("hit")).isEqualTo(2);
        assertCompared(2, 0, 2);
        clock.advance(61);
        send(get().header("Accept-Encoding", "gzip"), page, text);
        assertThat(requests("revalidated")).isEqualTo(1);
        assertCompared(3, 0, 2);
    }

    @Test
    void a_body_longer_than_the_cache_stores_is_not_stored() {
        for (int i = 0; i < 2; i++) {
            send(get("/long"), MINUTE, "x".repeat(1_001));
            send(get("/short"), MINUTE, "x".repeat(1_000));
        }
        assertThat(requests("hit")).isEqualTo(1);
        use(rule("short").maxObjectBytes(10));
        for (int i = 0; i < 2; i++) {
            send(get("/other"), MINUTE, "x".repeat(11));
        }
        assertThat(requests("hit")).isZero();
    }

    @Test
    void a_bypass_by_a_rule_and_an_unsafe_method_are_bypasses_and_the_method_invalidates() {
        use(rule("cart").path("/cart").bypass());
        send(get("/cart"), MINUTE, "cart");
        send(get("/a"), MINUTE, "a");
        send(request("POST").path("/a"), response(204), "");
        send(get("/a"), MINUTE, "b");
        assertThat(requests("bypass")).isEqualTo(2);
        assertThat(requests("miss")).isEqualTo(2);
        assertCompared(0, 0, 4);
    }

    @Test
    void a_purge_and_a_clearing_of_the_cache_apply() {
        send(get(), MINUTE, "old");
        client.cache().purge(URI.create("http://example.org/"));
        send(get(), MINUTE, "new");
        shadow.clear();
        send(get(), MINUTE, "newest");
        assertThat(requests("miss")).isEqualTo(3);
        assertCompared(0, 0, 3);
    }

    @Test
    void a_reload_begins_new_counts_keeps_what_is_stored_and_continues_the_metrics() {
        send(get(), MINUTE, "text");
        use(rule("longer").ttl(Duration.ofHours(1)));
        assertThat(requests("miss")).isZero();
        clock.advance(100);
        send(get(), MINUTE, "text");
        assertThat(requests("hit")).isEqualTo(1);
        assertThat(registry.get("cache.shadow.gets")
                        .tags("site", "shop", "result", "miss")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("cache.shadow.bytes.saved")
                        .tag("site", "shop")
                        .counter()
                        .count())
                .isEqualTo(4);
        assertThat(registry.get("cache.shadow.wrong")
                        .tag("site", "shop")
                        .counter()
                        .count())
                .isZero();
    }

    @Test
    void what_was_stored_before_a_site_was_switched_on_is_forgotten_when_it_is_a_shadow_again() {
        send(get(), MINUTE, "text");
        Sites none = Sites.of(site("shop", "example.org"));
        shadow.sites(none);
        client.cache().sites(none);
        send(request("PUT"), response(204), "");
        use();
        send(get(), MINUTE, "changed");
        assertThat(requests("miss")).isEqualTo(1);
        assertCompared(0, 0, 1);
    }

    @Test
    void a_field_of_the_origin_with_the_name_of_the_digest_is_not_taken_for_it() {
        Response forged = MINUTE.header("X-Caching-Proxy-Shadow", "forged").header("ETag", "\"1\"");
        send(get(), forged, "text");
        send(request("HEAD"), forged, "");
        clock.advance(61);
        send(request("HEAD"), forged, "");
        send(get(), forged, "text");
        assertThat(report().path("wrong").asInt()).isZero();
        assertThat(report().path("right").asInt()).isEqualTo(1);
    }

    @Test
    void a_response_to_a_request_of_a_replaced_site_is_not_counted() {
        client.send(get());
        use();
        client.origin().last().answer(MINUTE, "text");
        assertThat(requests("miss")).isZero();
        Sites none = Sites.of(site("shop", "example.org"));
        shadow.sites(none);
        client.cache().sites(none);
        send(get(), MINUTE, "text");
        assertThat(shadow.json(none).get("sites")).asList().isEmpty();
    }

    @Test
    void memory_and_the_list_of_wrong_responses_are_bounded_under_a_flood_of_urls() {
        String path = "/" + "p".repeat(2_000) + "?i=";
        for (int i = 0; i < 30_000; i++) {
            send(get(path + i).header("Cookie", "c" + i + "=" + i), MINUTE, "a");
        }
        for (int i = 0; i < 100; i++) {
            send(get(path + i + "x"), MINUTE, "a");
            send(get(path + i + "x"), MINUTE, "b");
        }
        assertThat(shadow.storedBytes()).isPositive().isLessThanOrEqualTo(Evaluator.MEMORY);
        assertThat(report().path("wrong").asInt()).isEqualTo(100);
        assertThat(report().path("wrong-responses")).hasSize(SiteReport.MOST_WRONG);
        assertThat(report().toString().length()).isLessThan(SiteReport.MOST_WRONG * 2_000);
    }
}
