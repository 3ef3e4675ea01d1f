package io.cachingproxy;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Explanation.By;
import io.cachingproxy.Explanation.Change;
import io.cachingproxy.Explanation.Result;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Trail;
import io.cachingproxy.rules.MatchReport;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The explanation of a request and its response, by itself; {@link ExplanationPropertyTest} compares it with behaviour. */
class ExplanationTest {
    private static final Duration MINUTE = Duration.ofSeconds(60);

    private final ManualClock clock = ManualClock.atNoon();

    private HttpCache cache(Rules rules) {
        return HttpCache.builder()
                .policy(Policy.rfc9111())
                .rules(rules)
                .clock(clock)
                .executor(Runnable::run)
                .build();
    }

    private static Explanation explain(HttpCache cache, Request request, @Nullable Response response) {
        return cache.explain(request.head(), null, response == null ? null : response.head())
                .toCompletableFuture()
                .join();
    }

    private static Explanation.Verdict storage(Request request, Response response) {
        try (HttpCache cache = HttpCache.builder().policy(Policy.rfc9111()).build()) {
            return explain(cache, request, response).storage();
        }
    }

    private static List<String> texts(Explanation.Verdict verdict) {
        return verdict.changes().stream().map(Change::text).toList();
    }

    @Test
    void a_private_response_is_stored_if_the_origin_does_not_send_private_or_a_rule_sets_ttl_or_ignores_it() {
        Explanation.Verdict storage = storage(get(), response(200).cacheControl("private, max-age=60"));
        assertThat(storage.result()).isEqualTo(Result.NOT_STORED);
        assertThat(storage.reason()).isEqualTo(Reason.RESPONSE_PRIVATE);
        assertThat(texts(storage))
                .containsExactly(
                        "the origin did not send private",
                        "a rule set ttl",
                        "a rule set ignore: [private] (only if the response is the same for all clients)");
        assertThat(storage.changes().get(0).by()).containsExactly(By.ORIGIN);
    }

    @Test
    void s_maxage_permits_to_store_a_response_to_a_request_with_authorization() {
        Request request = get().header("Authorization", "Basic c2VjcmV0");
        Explanation.Verdict storage = storage(request, response(200).cacheControl("max-age=60"));
        assertThat(storage.reason()).isEqualTo(Reason.AUTHORIZATION);
        assertThat(texts(storage))
                .contains("the origin sent s-maxage", "the origin sent public", "the request had no Authorization")
                .doesNotContain("a rule set ttl");
    }

    @Test
    void two_obstacles_need_two_changes() {
        Explanation.Verdict storage = storage(
                get().header("Authorization", "Basic c2VjcmV0"), response(200).cacheControl("no-store, max-age=60"));
        assertThat(texts(storage)).contains("the origin did not send no-store and the origin sent s-maxage");
    }

    @Test
    void a_stored_response_needs_no_change_and_its_last_step_has_the_lifetime() {
        Explanation.Verdict storage = storage(get(), response(200).cacheControl("max-age=60"));
        assertThat(storage.result()).isEqualTo(Result.STORED);
        assertThat(storage.ttl()).isEqualTo(MINUTE);
        assertThat(storage.changes()).isEmpty();
        assertThat(storage.steps())
                .extracting(Explanation.Step::reason)
                .containsSubsequence(
                        Reason.METHOD_NOT_STORED,
                        Reason.RESPONSE_NO_STORE,
                        Reason.RESPONSE_PRIVATE,
                        Reason.AUTHORIZATION,
                        Reason.NO_REUSE,
                        Reason.STORED);
        Explanation.Step last = storage.steps().get(storage.steps().size() - 1);
        assertThat(last.effect()).isEqualTo(Trail.Effect.APPLIED);
        assertThat(last.inputs()).isEqualTo("lifetime 60 s (the origin's explicit lifetime)");
    }

    @Test
    void the_steps_are_all_conditions_in_the_order_in_which_they_are_examined() {
        try (HttpCache cache = cache(Rules.of())) {
            Client client = new Client(cache);
            client.send(get(), response(200).cacheControl("max-age=60"), "a");
            Explanation explanation = explain(cache, get(), response(200).cacheControl("max-age=60"));
            assertThat(explanation.reuse().steps())
                    .extracting(step -> step.reason().token())
                    .containsExactly(
                            "method",
                            "request-body",
                            "precondition",
                            "request-no-cache",
                            "response-no-cache",
                            "request-max-age",
                            "request-min-fresh",
                            "fresh");
            assertThat(explanation.storage().steps())
                    .extracting(step -> step.reason().token())
                    .containsExactly(
                            "stale-if-error",
                            "rule",
                            "method-not-stored",
                            "status-not-stored",
                            "partial-not-stored",
                            "request-no-store",
                            "status-not-understood",
                            "response-no-store",
                            "response-private",
                            "authorization",
                            "set-cookie",
                            "credentials",
                            "no-freshness",
                            "no-reuse",
                            "vary-star",
                            "stored");
        }
    }

    @Test
    void a_ttl_of_a_rule_overrides_private_visibly() {
        try (HttpCache cache = cache(Rules.of(rule("always").ttl(MINUTE)))) {
            Explanation.Verdict storage =
                    explain(cache, get(), response(200).cacheControl("private")).storage();
            assertThat(storage.result()).isEqualTo(Result.STORED);
            assertThat(storage.steps())
                    .contains(new Explanation.Step(
                            Reason.RESPONSE_PRIVATE, Trail.Effect.OVERRIDDEN, "Cache-Control: private"));
        }
    }

    @Test
    void each_rule_says_what_it_sets_or_which_condition_it_lacks() {
        Rules rules = Rules.of(
                rule("a minute").path("/p/**").ttl(MINUTE).tags("p"),
                rule("longer").path("/p/**").ttl(MINUTE.multipliedBy(2)),
                rule("cart").method("GET").path("/cart/**").bypass(),
                rule("errors").status("5xx").ttl(MINUTE));
        try (HttpCache cache = cache(rules)) {
            List<MatchReport> before = explain(cache, get("/p/1"), null).rules();
            assertThat(before.get(0))
                    .isEqualTo(new MatchReport(
                            "a minute",
                            MatchReport.Result.MATCHED,
                            Map.of("ttl", "60s", "tags", "[p]"),
                            Map.of("ttl", "longer"),
                            null));
            assertThat(before.get(2).result()).isEqualTo(MatchReport.Result.NOT_MATCHED);
            assertThat(before.get(2).unmet()).isEqualTo("path: /cart/**");
            assertThat(before.get(3).result()).isEqualTo(MatchReport.Result.DEPENDS_ON_RESPONSE);
            List<MatchReport> after = explain(cache, get("/p/1"), response(200)).rules();
            assertThat(after.get(3).result()).isEqualTo(MatchReport.Result.NOT_MATCHED);
            assertThat(after.get(3).unmet()).isEqualTo("status: 5xx");
        }
    }

    @Test
    void a_hit_names_the_variant_and_its_age_and_a_reload_what_prevents_the_hit() {
        try (HttpCache cache = cache(Rules.NONE)) {
            Client client = new Client(cache);
            Response german = response(200).cacheControl("max-age=60").header("Vary", "Accept-Language");
            client.send(get().header("Accept-Language", "de"), german, "hallo").text();
            clock.advance(20);
            Explanation hit = explain(cache, get().header("Accept-Language", "de"), null);
            assertThat(hit.reuse().result()).isEqualTo(Result.HIT);
            assertThat(hit.reuse().ttl()).isEqualTo(Duration.ofSeconds(40));
            assertThat(hit.variants())
                    .containsExactly(new Explanation.Variant(
                            200,
                            Duration.ofSeconds(20),
                            Duration.ofSeconds(40),
                            Map.of("accept-language", "de"),
                            true,
                            null));
            Explanation other = explain(cache, get().header("Accept-Language", "en"), null);
            assertThat(other.reuse().reason()).isEqualTo(Reason.VARY_MISS);
            assertThat(other.variants().get(0).why()).isEqualTo(Reason.VARY_MISS);
            Explanation reload =
                    explain(cache, get().header("Accept-Language", "de").cacheControl("no-cache"), null);
            assertThat(reload.reuse().reason()).isEqualTo(Reason.REQUEST_NO_CACHE);
            assertThat(texts(reload.reuse()))
                    .containsExactly("the request had no Cache-Control", "a rule set ignore: [request-cache-control]");
        }
    }

    @Test
    void at_most_64_variants_are_named() {
        try (HttpCache cache = cache(Rules.NONE)) {
            Client client = new Client(cache);
            IntStream.range(0, 70)
                    .forEach(i -> client.send(
                                    get().header("X-Variant", "v" + i),
                                    response(200).cacheControl("max-age=60").header("Vary", "X-Variant"),
                                    "hello")
                            .text());
            Explanation explanation = explain(cache, get(), null);
            assertThat(explanation.variants()).hasSizeLessThanOrEqualTo(Explanation.MAX_VARIANTS);
        }
    }

    @Test
    void values_of_credentials_are_not_in_an_explanation() {
        try (HttpCache cache = cache(Rules.NONE)) {
            Client client = new Client(cache);
            Request request = get().header("Cookie", "secret=1").header("Authorization", "Bearer secret");
            Response stored = response(200).cacheControl("public, max-age=60").header("Vary", "Cookie, Authorization");
            client.send(request, stored, "hello").text();
            Explanation explanation = explain(cache, request, stored.header("Set-Cookie", "secret=2"));
            assertThat(explanation.variants().get(0).selecting())
                    .isEqualTo(Map.of("authorization", "present", "cookie", "present"));
            assertThat(explanation.reuse().toString() + explanation.storage() + explanation.key())
                    .doesNotContain("secret");
        }
    }

    @Test
    void a_request_without_a_lookup_has_the_reason_of_its_answer() {
        Rules rules = Rules.of(
                rule("moved").path("/old").redirect("/new", 301),
                rule("cart").path("/cart").bypass());
        try (HttpCache cache = cache(rules)) {
            Explanation moved = explain(cache, get("/old"), response(200));
            assertThat(moved.reuse().reason()).isEqualTo(Reason.ANSWERED_BY_RULE);
            assertThat(moved.storage()).isNull();
            assertThat(explain(cache, request("POST"), null).reuse().result()).isEqualTo(Result.BYPASS);
            Explanation cart = explain(cache, get("/cart"), response(200).cacheControl("max-age=60"));
            assertThat(cart.reuse().reason()).isEqualTo(Reason.RULE);
            assertThat(texts(cart.storage())).containsExactly("no rule set bypass");
        }
    }

    @Test
    void the_parts_that_rules_add_to_the_key_are_readable() {
        Rules rules = Rules.of(
                rule("language").keyHeaders("Accept-Language", "X-None").keyDropsQuery("utm_*"));
        try (HttpCache cache = cache(rules)) {
            String key = explain(cache, get("/a?utm_x=1&b=2").header("Accept-Language", "de, en"), null)
                    .key();
            assertThat(key).isEqualTo("GET http://example.org/a?b=2 (header accept-language: de, en, header x-none)");
        }
    }

    @Test
    void values_of_the_key_and_of_variants_are_masked_unless_they_are_known_to_be_harmless() {
        Rules rules = Rules.of(rule("user")
                .keyHeaders("Authorization", "X-Api-Key", "Accept", "Referer")
                .keyCookies("session", "none"));
        try (HttpCache cache = cache(rules)) {
            Request request = get().header("Authorization", "Bearer secret")
                    .header("X-Api-Key", "secret 3 -")
                    .header("Accept", "a, b")
                    .header("Referer", "http://secret@a.example/?a=secret")
                    .header("Cookie", "session=secret");
            new Client(cache)
                    .send(
                            request,
                            response(200).cacheControl("public, max-age=60").header("Vary", "X-Api-Key"),
                            "")
                    .text();
            Explanation explanation = explain(cache, request, null);
            assertThat(explanation.key())
                    .isEqualTo("GET http://example.org/ (header accept: a, b, header authorization: ***,"
                            + " header referer: http://***@a.example/?a=***, header x-api-key: ***,"
                            + " cookie none, cookie session: ***)");
            assertThat(explanation.variants().get(0).selecting()).isEqualTo(Map.of("x-api-key", "***"));
        }
    }

    @Test
    void an_explanation_forwards_and_stores_nothing() {
        try (HttpCache cache = cache(Rules.NONE)) {
            explain(cache, get(), response(200).cacheControl("max-age=60"));
            assertThat(explain(cache, get(), null).variants()).isEmpty();
        }
    }
}
