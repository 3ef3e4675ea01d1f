package io.cachingproxy;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Explanation.Change;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A shadow site: every request is forwarded, and nothing is stored. */
class ShadowSiteTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");
    private static final Sites SHADOW = Sites.of(site("shop", "example.org")
            .rules(
                    rule("a minute").path("/a/**").ttl(Duration.ofMinutes(1)),
                    rule("cart").path("/cart").bypass(),
                    rule("moved").path("/old").redirect("/new", 301),
                    rule("header").setResponseHeader("X-Rule", "yes"))
            .withShadow());

    private final Client client = new Client(HttpCache.builder()
            .clock(ManualClock.atNoon())
            .sites(SHADOW)
            .executor(Runnable::run)
            .build());

    @Test
    void each_request_is_forwarded_and_nothing_is_stored() {
        for (int i = 0; i < 2; i++) {
            Received answer = client.send(get("/a/1"), MINUTE, "one");
            answer.assertMiss("one");
            assertThat(answer.header("Cache-Status")).endsWith("; fwd=bypass; fwd-status=200; detail=shadow");
        }
        assertThat(client.origin().requests()).isEqualTo(2);
        assertThat(client.cache().store().keys()).isZero();
    }

    @Test
    void concurrent_requests_are_not_coalesced() {
        client.send(get("/a/1"));
        client.send(get("/a/1"));
        assertThat(client.origin().requests()).isEqualTo(2);
    }

    @Test
    void a_response_stored_before_answers_neither_a_request_nor_the_fast_path() {
        client.cache().sites(Sites.of(site("shop", "example.org")));
        client.send(get("/a/1"), MINUTE, "one").assertMiss("one");
        CacheRequest before = client.cache().resolve(get("/a/1").head(), null);
        client.cache().sites(SHADOW);
        CacheRequest shadow = client.cache().resolve(get("/a/1").head(), null);
        assertThat(client.cache().hit(shadow)).isNull();
        assertThat(client.cache().hit(before)).isNotNull();
        assertThat(client.cache().hit(shadow.withoutShadow())).isNotNull();
        client.send(get("/a/1"), MINUTE, "two").assertMiss("two");
    }

    @Test
    void an_unsafe_request_still_invalidates_what_was_stored_before() {
        client.cache().sites(Sites.of(site("shop", "example.org")));
        client.send(get("/a/1"), MINUTE, "one").assertMiss("one");
        client.cache().sites(SHADOW);
        client.send(request("PUT").path("/a/1"), response(204), "");
        assertThat(client.cache().store().keys()).isZero();
    }

    @Test
    void conditions_and_ranges_of_the_client_reach_the_origin() {
        client.send(get("/a/1").header("If-None-Match", "\"x\"").header("Range", "bytes=0-1"));
        assertThat(client.origin().last().request().headers().first("If-None-Match"))
                .isEqualTo("\"x\"");
        assertThat(client.origin().last().request().headers().first("Range")).isEqualTo("bytes=0-1");
    }

    @Test
    void rules_that_redirect_and_change_headers_apply() {
        assertThat(client.send(get("/old")).header("Location")).isEqualTo("/new");
        assertThat(client.send(get("/a/1"), MINUTE, "one").header("X-Rule")).isEqualTo("yes");
    }

    @Test
    void a_rule_with_bypass_is_the_reason_also_in_a_shadow_site() {
        assertThat(client.send(get("/cart"), MINUTE, "cart").header("Cache-Status"))
                .endsWith("detail=rule");
        assertThat(client.cache()
                        .resolve(get("/cart").head(), null)
                        .withoutShadow()
                        .bypasses())
                .isTrue();
    }

    @Test
    void an_explanation_names_the_shadow_and_what_would_be_stored_without_it() {
        Explanation explanation = client.cache()
                .explain(get("/a/1").head(), null, MINUTE.head())
                .toCompletableFuture()
                .join();
        assertThat(explanation.reuse().reason()).isEqualTo(Reason.SHADOW);
        assertThat(explanation.reuse().steps().get(0).inputs())
                .isEqualTo("site \"shop\" is a shadow: every request is forwarded, and nothing is stored");
        assertThat(explanation.storage()).isNotNull();
        assertThat(explanation.storage().reason()).isEqualTo(Reason.SHADOW);
        assertThat(explanation.storage().changes())
                .extracting(Change::text)
                .containsExactly("the site were no shadow (shadow: false)");
    }
}
