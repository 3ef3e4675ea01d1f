package io.cachingproxy;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Ignored;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Rule;
import io.cachingproxy.rules.Rules;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesInCacheTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");
    private final ManualClock clock = new ManualClock(Instant.parse("2026-03-04T12:00:00Z"));

    private Client client(Rule... rules) {
        return new Client(
                HttpCache.builder().clock(clock).rules(Rules.of(rules)).build());
    }

    private Client client(Site... sites) {
        return new Client(
                HttpCache.builder().clock(clock).sites(Sites.of(sites)).build());
    }

    private static Request products() {
        return get("/products/1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-cache", "no-store", "private", "max-age=0, must-revalidate", "max-age=5", "public"})
    void products_are_stored_for_60_seconds_whatever_the_origin_says(String control) {
        Client client = client(rule("products").path("/products/**").ttl(ofSeconds(60)));
        client.send(products(), response(200).cacheControl(control), "a").assertMiss("a");
        clock.advance(59);
        Received hit = client.send(products());
        hit.assertHit("a");
        assertThat(hit.header("Cache-Status")).endsWith("; hit; ttl=1");
        assertThat(hit.header("Age")).isEqualTo("59");
        clock.advance(1);
        client.send(products(), response(200), "b").assertMiss("b");
    }

    @Test
    void a_ttl_counts_from_receipt_and_the_age_tells_the_truth() {
        Client client = client(rule("all").ttl(ofSeconds(60)));
        client.send(get(), response(200).header("Age", "1000"), "a");
        clock.advance(10);
        Received hit = client.send(get());
        assertThat(hit.header("Age")).isEqualTo("1010");
        assertThat(hit.header("Cache-Status")).endsWith("; hit; ttl=50");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cookie", "Authorization"})
    void a_ttl_does_not_share_what_may_be_personal(String field) {
        Client client = client(rule("all").ttl(ofSeconds(60)));
        client.send(get().header(field, "alice"), response(200).cacheControl("private"), "alice's");
        client.send(get().header(field, "bob"), response(200), "bob's").assertMiss("bob's");
        client.send(get(), response(200).header("Set-Cookie", "id=1"), "cookie");
        client.send(get(), response(200), "anonymous").assertMiss("anonymous");
    }

    @Test
    void a_ttl_holds_for_no_error_whose_status_the_rule_does_not_name() {
        Client client = client(
                rule("all").ttl(ofSeconds(60)),
                rule("negative").status("404", "410").ttl(ofSeconds(30)));
        client.send(get("/500"), response(500), "a");
        client.send(get("/500"), response(200), "b").assertMiss("b");
        client.send(get("/404"), response(404).cacheControl("no-store"), "none");
        clock.advance(29);
        client.send(get("/404")).assertAnswered(404, "none");
        clock.advance(1);
        assertThat(client.send(get("/404")).isWaiting()).isTrue();
    }

    @Test
    void a_rule_that_names_the_status_keeps_an_error() {
        Client client = client(rule("errors").status("5xx").ttl(ofSeconds(5)));
        client.send(get(), response(503), "down");
        client.send(get()).assertAnswered(503, "down");
    }

    @Test
    void the_cart_is_never_stored_looked_up_or_coalesced() {
        Client client = client(rule("cart").path("/cart/**").bypass());
        client.send(get("/cart/1"), MINUTE, "a").assertMiss("a");
        Received one = client.send(get("/%63art/1"));
        Received other = client.send(get("/cart/1"));
        client.origin().last().answer(MINUTE, "b");
        other.assertMiss("b");
        assertThat(one.isWaiting()).isTrue();
        assertThat(other.header("Cache-Status")).contains("fwd=bypass").endsWith("detail=rule");
    }

    // Web cache deception: /static/..%2Faccount may be the page of an account
    @ParameterizedTest
    @ValueSource(
            strings = {"/static/..%2Faccount", "/static/..%5caccount", "/static/..%252faccount", "/account%2fx.css"})
    void a_path_that_origins_read_in_several_ways_bypasses_the_cache_where_rules_differ(String path) {
        Client client = client(
                rule("assets").path("/static/**", "/**.css").ttl(ofSeconds(60)),
                rule("account").path("/account/**").bypass());
        client.send(get(path), MINUTE, "a").assertMiss("a");
        client.send(get(path), MINUTE, "b").assertMiss("b");
        client.send(get("/projects/a%2Fb"), MINUTE, "c");
        client.send(get("/projects/a%2Fb")).assertHit("c");
    }

    @Test
    void a_post_to_a_bypassed_path_invalidates_all_the_same() {
        Client client = client(rule("posts").method("POST").bypass());
        client.send(get("/a"), MINUTE, "old");
        client.send(request("POST").path("/a"), response(200), "");
        client.send(get("/a"), MINUTE, "new").assertMiss("new");
    }

    @Test
    void tracking_parameters_do_not_split_the_cache() {
        Client client = client(rule("tracking").keyDropsQuery("utm_*", "gclid"));
        client.send(get("/a?x=1&utm_source=mail"), MINUTE, "a");
        assertThat(client.origin().last().request().target().pathAndQuery()).isEqualTo("/a?x=1&utm_source=mail");
        client.send(get("/a?gclid=7&x=1")).assertHit("a");
        client.send(get("/a?x=1")).assertHit("a");
        client.send(get("/a?x=2"), MINUTE, "b").assertMiss("b");
    }

    @Test
    void what_may_be_another_parameter_for_the_origin_stays_in_the_key() {
        Client client = client(rule("kept").keyKeepsQuery("q"));
        client.send(get("/a?q=1&x=2"), MINUTE, "a");
        client.send(get("/a?q=1&x=3")).assertHit("a");
        for (String spelling : new String[] {"%71=2", "Q=2", "+q=2", "q[]=2", "q%00=2", "x=1;q=2"}) {
            client.send(get("/a?q=1&" + spelling), MINUTE, spelling).assertMiss(spelling);
        }
        client.send(get("/a?q=1")).assertHit("a");
    }

    @Test
    void the_order_of_parameters_makes_no_difference_where_a_rule_sorts_them() {
        Client client = client(rule("sorted").keySortsQuery());
        client.send(get("/a?b=1&a=2&b=0"), MINUTE, "a");
        client.send(get("/a?a=2&b=1&b=0")).assertHit("a");
        client.send(get("/a?a=2&b=0&b=1"), MINUTE, "b").assertMiss("b");
    }

    @Test
    void headers_and_cookies_can_be_part_of_the_key() {
        Client client = client(
                rule("by language").keyHeaders("X-Lang").keyCookies("theme").ignore(Ignored.COOKIE));
        client.send(get().header("X-Lang", "de").header("Cookie", "id=1; theme=dark"), response(200), "de dark");
        client.send(get().header("x-lang", "de").header("Cookie", "theme=dark; id=2"))
                .assertHit("de dark");
        client.send(get().header("X-Lang", "de"), response(200), "de").assertMiss("de");
        client.send(get(), response(200), "none").assertMiss("none");
    }

    @Test
    void a_post_invalidates_a_url_under_all_of_its_keys() {
        Client client = client(rule("by language").keyHeaders("X-Lang").keyDropsQuery("utm_*"));
        client.send(get("/a").header("X-Lang", "de"), MINUTE, "de");
        client.send(get("/a").header("X-Lang", "en"), MINUTE, "en");
        client.send(request("POST").path("/a?utm_x=1"), response(200), "");
        client.send(get("/a").header("X-Lang", "de"), MINUTE, "de 2").assertMiss("de 2");
        client.send(get("/a").header("X-Lang", "en"), MINUTE, "en 2").assertMiss("en 2");
    }

    @Test
    void a_key_function_that_throws_costs_no_request_and_stores_nothing() {
        Client client = client(rule("broken").key(request -> {
            throw new IllegalStateException("broken");
        }));
        client.send(get(), MINUTE, "a").assertMiss("a");
        client.send(get(), MINUTE, "b").assertMiss("b");
    }

    @Test
    void assets_are_shared_although_everyone_has_a_cookie() {
        Client client = client(rule("assets")
                .path("/**.{css,js}")
                .ignore(Ignored.COOKIE, Ignored.SET_COOKIE)
                .ttl(ofSeconds(86_400)));
        Received first = client.send(
                get("/a.css").header("Cookie", "session=alice"),
                response(200).header("Set-Cookie", "session=alice").header("Vary", "Cookie"),
                "css");
        assertThat(first.header("Set-Cookie")).isEqualTo("session=alice");
        Received other = client.send(get("/a.css").header("Cookie", "session=bob"));
        other.assertHit("css");
        assertThat(other.header("Set-Cookie")).isNull();
    }

    @Test
    void a_forced_stale_while_revalidate_holds_although_the_origin_forbids_stale_responses() {
        Client client = client(rule("swr").staleWhileRevalidate(ofSeconds(30)));
        client.send(get(), response(200).cacheControl("s-maxage=60, must-revalidate"), "old");
        clock.advance(89);
        Received stale = client.send(get());
        stale.assertHit("old");
        assertThat(stale.header("Cache-Status")).endsWith("detail=stale-while-revalidate");
        client.origin().last().answer(MINUTE, "new");
        client.send(get()).assertHit("new");
    }

    @Test
    void a_forced_stale_if_error_answers_in_place_of_an_error() {
        Client client = client(rule("sie").staleIfError(ofSeconds(3600)));
        client.send(get(), response(200).cacheControl("max-age=60, must-revalidate"), "old");
        clock.advance(100);
        client.send(get(), response(503), "down").assertHit("old");
    }

    @Test
    void browsers_keep_a_response_for_a_time_of_their_own() {
        Client client = client(rule("all").ttl(ofSeconds(600)).browserTtl(ofSeconds(10)));
        Response origin = response(200).cacheControl("max-age=5, no-transform").header("Expires", "0");
        Received miss = client.send(get(), origin, "a");
        assertThat(miss.header("Cache-Control")).isEqualTo("no-transform, max-age=10");
        assertThat(miss.header("Expires")).isNull();
        clock.advance(100);
        Received hit = client.send(get());
        assertThat(hit.header("Age")).isEqualTo("100");
        assertThat(hit.header("Cache-Control")).isEqualTo("no-transform, max-age=110"); // 10 s more than its age
    }

    @Test
    void headers_of_the_request_and_of_the_response_are_changed_and_what_is_stored_is_not() {
        Client client = client(rule("headers")
                .setRequestHeader("X-Tenant", "7")
                .removeRequestHeader("X-Debug")
                .setResponseHeader("X-Frame-Options", "DENY")
                .removeResponseHeader("Server"));
        Received miss = client.send(get().header("X-Debug", "1"), MINUTE.header("Server", "secret"), "a");
        assertThat(client.origin().last().request().headers().first("X-Tenant")).isEqualTo("7");
        assertThat(client.origin().last().request().headers().contains("X-Debug"))
                .isFalse();
        for (Received each : new Received[] {miss, client.send(get())}) {
            assertThat(each.header("X-Frame-Options")).isEqualTo("DENY");
            assertThat(each.header("Server")).isNull();
        }
        client.cache().sites(Sites.of(Site.everything(Policy.rfc9111(), Rules.NONE)));
        assertThat(client.send(get()).header("Server")).isEqualTo("secret");
    }

    @Test
    void a_rewrite_changes_what_is_forwarded_and_not_the_key() {
        Client client = client(rule("api").path("/api/**").rewrite("/api", "/v2"));
        client.send(get("/api/users?a=1"), MINUTE, "a");
        assertThat(client.origin().last().request().target().pathAndQuery()).isEqualTo("/v2/users?a=1");
        client.send(get("/v2/users?a=1"), MINUTE, "b").assertMiss("b");
        client.send(get("/api/users?a=1")).assertHit("a");
    }

    @Test
    void redirects_and_responses_of_rules_need_no_origin() {
        Client client = client(
                rule("moved").path("/old/**").redirect("https://new.example{uri}", 308),
                rule("closed").path("/closed").respond(403, "closed\n"));
        Received moved = client.send(get("/old/a?b"));
        assertThat(moved.status()).isEqualTo(308);
        assertThat(moved.header("Location")).isEqualTo("https://new.example/old/a?b");
        Received closed = client.send(get("/closed"));
        closed.assertAnswered(403, "closed\n");
        assertThat(closed.header("Cache-Status")).endsWith("detail=answered-by-rule");
        assertThat(client.origin().requests()).isZero();
    }

    @Test
    void a_rule_with_store_false_leaves_nothing_and_uses_nothing() {
        Client client = client(new Rule[0]);
        client.send(get(), MINUTE, "a");
        client.cache()
                .sites(Sites.of(
                        Site.everything(Policy.rfc9111(), Rules.of(rule("none").store(false)))));
        Received miss = client.send(get(), MINUTE, "b");
        miss.assertMiss("b");
        assertThat(miss.header("Cache-Status")).doesNotContain("stored").endsWith("detail=rule");
        client.send(get(), MINUTE, "c").assertMiss("c");
    }

    @Test
    void large_bodies_are_not_stored_where_a_rule_says_so() {
        Client client = client(rule("small").maxObjectBytes(3));
        client.send(get("/a"), MINUTE, "abc");
        client.send(get("/a")).assertHit("abc");
        client.send(get("/b"), MINUTE, "abcd");
        client.send(get("/b"), MINUTE, "x").assertMiss("x");
        client.send(get("/c"), MINUTE.header("Content-Length", "4"), "abcd");
        client.send(get("/c"), MINUTE, "y").assertMiss("y");
    }

    @Test
    void a_rule_without_coalescing_forwards_each_miss() {
        Client client = client(rule("single").coalesce(false));
        client.send(get());
        client.send(get());
        assertThat(client.origin().requests()).isEqualTo(2);
    }

    @Test
    void a_validation_gives_a_stored_response_the_tags_of_the_current_rules() {
        Client client = client(rule("products").path("/products/**").tags("old"));
        client.send(products(), MINUTE.header("ETag", "\"a\"").header("Surrogate-Key", "p1"), "a");
        Rules rules = Rules.of(rule("products").path("/products/**").tags("new"));
        client.cache().sites(Sites.of(Site.everything(Policy.rfc9111(), rules)));
        clock.advance(60);
        Response unchanged = response(304).cacheControl("max-age=60").header("ETag", "\"a\"");
        client.send(products(), unchanged.header("Surrogate-Key", "p2"), "");
        Purging purging = client.cache().purging();
        for (String gone : List.of("old", "p1")) {
            purging.purge(purging.tag(null, gone), false);
            client.send(products()).assertHit("a");
        }
        purging.purge(purging.tag(null, "p2"), true);
        client.send(products(), unchanged, "").assertAnswered(200, "a");
        purging.purge(purging.tag(null, "new"), false);
        client.send(products(), MINUTE, "b").assertMiss("b");
    }

    @Test
    void tags_of_rules_are_purged_like_those_of_the_origin() {
        Client client = client(rule("products").path("/products/**").tags("products", "shop"));
        client.send(products(), MINUTE.header("Surrogate-Key", "p1"), "a");
        client.send(get("/other"), MINUTE, "b");
        Purging purging = client.cache().purging();
        assertThat(purging.purge(purging.tag(null, "shop"), false).toCompletableFuture())
                .isCompletedWithValue(Confirmation.CONFIRMED);
        client.send(products(), MINUTE.header("Surrogate-Key", "p1"), "a2").assertMiss("a2");
        client.send(get("/other")).assertHit("b");
        purging.purge(purging.tag(null, "p1"), false);
        client.send(products(), MINUTE, "a3").assertMiss("a3");
    }

    @Test
    void a_purge_of_a_url_finds_what_a_request_with_it_would_find() {
        Client client = client(
                rule("tracking").keyDropsQuery("utm_*"),
                rule("by language").path("/l/**").keyHeaders("X-Lang"),
                rule("of beta users").cookie("beta", "1").keyDropsQuery("x"));
        Request seen = get("/l/a?x=1&utm_a=b").header("X-Lang", "de");
        client.send(seen, MINUTE, "a");
        client.send(seen.header("Cookie", "beta=1"), MINUTE, "beta");
        client.send(seen.header("Cookie", "beta=1")).assertHit("beta");
        Purging purging = client.cache().purging();
        purging.purge(purging.url(new Target("http", "example.org", "/l/a?utm_a=b&x=1")), false);
        client.send(seen, MINUTE, "a2").assertMiss("a2");
        client.send(seen.header("Cookie", "beta=1"), MINUTE, "beta2").assertMiss("beta2");
    }

    // Sites

    @Test
    void two_hosts_on_one_origin_are_apart() {
        Client client = client(
                site("a", "a.example").origin("shared"), site("b", "b.example").origin("shared"));
        client.send(get("/x").host("a.example"), MINUTE, "of a");
        client.send(get("/x").host("b.example"), MINUTE, "of b").assertMiss("of b");
        client.send(get("/x").host("a.example")).assertHit("of a");
    }

    @Test
    void an_exact_host_is_found_before_a_wildcard_and_a_longer_one_before_a_shorter() {
        Sites sites = Sites.of(
                site("any", "*"), site("below", "*.example"), site("deep", "*.b.example"), site("one", "a.b.example"));
        assertThat(sites.find("a.b.example:8443")).extracting(Site::name).isEqualTo("one");
        assertThat(sites.find("A.B.example.")).extracting(Site::name).isEqualTo("one");
        assertThat(sites.find("x.b.example")).extracting(Site::name).isEqualTo("deep");
        assertThat(sites.find("y.x.b.example")).extracting(Site::name).isEqualTo("deep");
        assertThat(sites.find("b.example")).extracting(Site::name).isEqualTo("below");
        assertThat(sites.find("example")).extracting(Site::name).isEqualTo("any");
        assertThat(sites.find("[::1]:80")).extracting(Site::name).isEqualTo("any");
    }

    @Test
    void a_host_that_no_site_has_gets_421() {
        Client client = client(site("a", "a.example"));
        Received answer = client.send(get().host("b.example"));
        assertThat(answer.status()).isEqualTo(421);
        assertThat(client.origin().requests()).isZero();
    }

    @Test
    void a_host_that_the_origin_never_sees_neither_splits_nor_poisons() {
        Client client = client(site("shop", "shop.example", "*.shop.example"));
        client.send(get().host("shop.example"), MINUTE, "a");
        client.send(get().host("evil.shop.example")).assertHit("a");
        Client passing = client(site("shop", "*.shop.example").withClientHost());
        passing.send(get().host("a.shop.example"), MINUTE, "a");
        passing.send(get().host("b.shop.example"), MINUTE, "b").assertMiss("b");
    }

    @Test
    void host_and_scheme_can_be_left_out_of_the_key() {
        Client client = client(site("a", "*")
                .withClientHost()
                .rules(rule("shared").path("/s/**").keyHost(false).keyScheme(false)));
        client.send(get("/s/1").host("a.example"), MINUTE, "a");
        client.send(get("/s/1").host("b.example").scheme("https")).assertHit("a");
        client.send(get("/t/1").host("a.example"), MINUTE, "t");
        client.send(get("/t/1").host("a.example").scheme("https"), MINUTE, "u").assertMiss("u");
    }

    @Test
    void a_tag_is_purged_of_one_site_and_of_all() {
        Client client = client(site("a", "a.example"), site("b", "b.example"));
        Response tagged = MINUTE.header("Cache-Tag", "t");
        client.send(get().host("a.example"), tagged, "a");
        client.send(get().host("b.example"), tagged, "b");
        Purging purging = client.cache().purging();
        purging.purge(purging.tag(client.cache().sites().find("a.example"), "t"), false);
        client.send(get().host("a.example"), tagged, "a2").assertMiss("a2");
        client.send(get().host("b.example")).assertHit("b");
        purging.purge(purging.tag(null, "t"), false);
        client.send(get().host("b.example"), tagged, "b2").assertMiss("b2");
    }

    // Replacing sites

    @ParameterizedTest
    @ValueSource(ints = {10, 600})
    void a_changed_ttl_holds_at_once_for_what_is_stored(int ttl) {
        Client client = client(rule("all").ttl(ofSeconds(60)));
        client.send(get(), response(200), "a");
        clock.advance(9);
        client.cache()
                .sites(Sites.of(Site.everything(
                        Policy.standard(Policy.DEFAULT_TTL),
                        Rules.of(rule("all").ttl(ofSeconds(ttl))))));
        assertThat(client.send(get()).header("Cache-Status")).endsWith("; hit; ttl=" + (ttl - 9));
        clock.advance(ttl - 9);
        client.send(get(), response(200), "b").assertMiss("b");
    }

    @Test
    void what_a_rule_stored_against_the_origin_is_gone_with_the_rule() {
        Client client = client(rule("all").ttl(ofSeconds(60)));
        client.send(get(), response(200).cacheControl("private"), "a");
        client.cache().sites(Sites.of(Site.everything(Policy.standard(Policy.DEFAULT_TTL), Rules.NONE)));
        client.send(get(), MINUTE, "b").assertMiss("b");
    }

    @ParameterizedTest
    @CsvSource({
        "COOKIE, Cookie, session=alice, session=bob",
        "AUTHORIZATION, Authorization, Basic alice, Basic bob",
        "REQUEST_CACHE_CONTROL, Cache-Control, x-a=1, x-a=2",
        "REQUEST_CACHE_CONTROL, Pragma, a, b",
        "VARY, Accept-Language, de, en"
    })
    void what_was_stored_while_a_rule_ignored_a_selecting_field_is_used_only_as_long_as_a_rule_ignores_it(
            Ignored what, String field, String one, String other) {
        Client client = client(rule("shared").ignore(what));
        Response response = response(200).cacheControl("public, max-age=60").header("Vary", field);
        client.send(get().header(field, one), response, "a");
        client.send(get().header(field, other)).assertHit("a");
        everything(client, rule("still shared").ignore(what));
        client.send(get().header(field, other)).assertHit("a");
        everything(client, rule("apart").path("/elsewhere").ignore(what));
        client.send(get().header(field, other), response, "b").assertMiss("b");
    }

    @Test
    void what_was_stored_without_its_set_cookie_is_used_only_as_long_as_a_rule_ignores_set_cookie() {
        Client client = client(rule("shared").ignore(Ignored.SET_COOKIE));
        client.send(get(), MINUTE.header("Set-Cookie", "a=1"), "a");
        everything(client, rule("still shared").ignore(Ignored.SET_COOKIE));
        client.send(get()).assertHit("a");
        everything(client);
        client.send(get(), MINUTE, "b").assertMiss("b");
    }

    private static void everything(Client client, Rule... rules) {
        client.cache().sites(Sites.of(Site.everything(Policy.standard(Policy.DEFAULT_TTL), Rules.of(rules))));
    }

    @Test
    void what_was_purged_softly_stays_stale_whatever_rules_come() {
        Client client = client(new Rule[0]);
        client.send(get(), MINUTE.header("ETag", "\"1\""), "a");
        clock.advance(1);
        Purging purging = client.cache().purging();
        purging.purge(purging.all(null), true);
        client.cache()
                .sites(Sites.of(Site.everything(
                        Policy.standard(Policy.DEFAULT_TTL),
                        Rules.of(rule("all").ttl(ofSeconds(9999))))));
        client.send(get(), response(304), "").assertHit("a");
    }

    @Test
    void a_request_under_way_ends_as_it_began() {
        Client client = client(rule("all").ttl(ofSeconds(60)));
        Received waiting = client.send(get());
        client.cache().sites(Sites.of(site("other", "other.example")));
        client.origin().last().answer(response(200).cacheControl("no-store"), "a");
        waiting.assertMiss("a");
        assertThat(waiting.header("Cache-Status")).contains("stored");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Range", "If-None-Match", "if-modified-since", "If-Range"})
    void a_rule_cannot_ask_for_what_the_client_could_not_take(String field) {
        assertThatIllegalArgumentException().isThrownBy(() -> rule("part").setRequestHeader(field, "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> rule("part").addRequestHeader(field, "x"));
        assertThat(rule("whole").removeRequestHeader(field).name()).isEqualTo("whole");
    }

    @Test
    void a_rule_cannot_give_a_response_another_age() {
        assertThatIllegalArgumentException().isThrownBy(() -> rule("young").setResponseHeader("Age", "0"));
    }

    @Test
    void sites_share_keys_without_host_only_if_they_have_the_same_origin() {
        Rule shared = rule("shared").path("/s/**").keyHost(false);
        Client client = client(
                site("a", "a.example").origin("one").rules(shared),
                site("b", "b.example").origin("one").rules(shared),
                site("c", "c.example").origin("two").rules(shared));
        client.send(get("/s/1").host("a.example"), MINUTE, "one");
        client.send(get("/s/1").host("b.example")).assertHit("one");
        client.send(get("/s/1").host("c.example"), MINUTE, "two").assertMiss("two");
        Purging purging = client.cache().purging();
        purging.purge(purging.url(new Target("http", "b.example", "/s/1")), false);
        client.send(get("/s/1").host("a.example"), MINUTE, "new").assertMiss("new");
        client.send(get("/s/1").host("c.example")).assertHit("two");
    }

    @Test
    void sites_share_keys_without_host_only_if_the_origin_receives_the_same_request() {
        Rule shared = rule("shared").path("/s/**").keyHost(false);
        Client client = client(
                site("a", "a.example").origin("one").rules(shared, rule("own").rewrite("", "/a")),
                site("b", "b.example").origin("one").rules(shared, rule("own").rewrite("", "/b")),
                site("c", "c.example").origin("one").rules(shared, rule("own").setRequestHeader("X-Site", "c")),
                site("d", "d.example").origin("one").rules(shared, rule("own").setRequestHeader("X-Site", "d")),
                site("e", "e.example").origin("one").rules(shared, rule("other").rewrite("", "/a")));
        for (String each : List.of("a", "b", "c", "d")) {
            client.send(get("/s/1").host(each + ".example"), MINUTE, each).assertMiss(each);
        }
        for (String each : List.of("a", "b", "c", "d")) {
            client.send(get("/s/1").host(each + ".example")).assertHit(each);
        }
        client.send(get("/s/1").host("e.example")).assertHit("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/event-stream",
                "Application/X-NDJSON; charset=utf-8",
                "multipart/x-mixed-replace;boundary=b"
            })
    void a_ttl_does_not_store_a_stream_unless_the_rule_names_its_type(String type) {
        Client all = client(rule("all").ttl(ofSeconds(60)));
        Response stream = response(200).cacheControl("no-store").header("Content-Type", type);
        all.send(get(), stream, "a");
        all.send(get(), stream, "b").assertMiss("b");
        Client named = client(rule("streams").contentType("*").ttl(ofSeconds(60)));
        named.send(get(), stream, "a");
        named.send(get()).assertHit("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-store", "private", "no-cache", "private, max-age=60"})
    void a_browser_ttl_leaves_alone_what_the_origin_keeps_out_of_the_store(String control) {
        Response response = response(200).cacheControl(control);
        Client alone = client(rule("browser").browserTtl(ofSeconds(60)));
        assertThat(alone.send(get(), response, "a").header("Cache-Control")).isEqualTo(control);
        Client stored = client(rule("browser").ttl(ofSeconds(60)).browserTtl(ofSeconds(60)));
        assertThat(stored.send(get(), response, "a").header("Cache-Control")).endsWith("max-age=60");
        assertThat(stored.send(get("/2").header("Cookie", "a=b"), response, "a").header("Cache-Control"))
                .isEqualTo(control);
    }

    @Test
    void a_path_that_leaves_the_prefix_of_a_rewrite_gets_400() {
        Client client = client(rule("api").path("/api/**").rewrite("/api", "/v1"));
        assertThat(client.send(get("/api/..%2fsecret")).status()).isEqualTo(400);
        client.send(get("/api/x"), response(200), "a").assertMiss("a");
    }
}
