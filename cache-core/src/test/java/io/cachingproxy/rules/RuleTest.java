package io.cachingproxy.rules;

import static io.cachingproxy.rules.Rule.rule;
import static io.cachingproxy.rules.Site.site;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.coding.ContentCoding;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Policy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleTest {
    private static final RequestHead GET = new RequestHead("GET", new Target("http", "a", "/x"), Headers.EMPTY);

    private static void assertRefused(String sentence, Rule... rules) {
        assertThatThrownBy(() -> Rules.of(rules))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void a_later_rule_wins_setting_by_setting_and_each_setting_knows_its_rule() {
        Rules rules = Rules.of(
                rule("one")
                        .ttl(ofSeconds(1))
                        .tags("a")
                        .setResponseHeader("A", "1")
                        .setResponseHeader("B", "1"),
                rule("two").ttl(ofSeconds(2)).setResponseHeader("B", "2"),
                rule("three").path("/other").ttl(ofSeconds(3)),
                rule("four").status("404").ttl(ofSeconds(4)));
        Treatment treatment = rules.forRequest(GET, null);
        assertThat(treatment.rules()).containsExactly("one", "two");
        ResponseTreatment found = treatment.response(new ResponseHead(200, Headers.EMPTY));
        assertThat(found.rules()).containsExactly("one", "two");
        assertThat(found.terms().lifetimes().ttl()).isEqualTo(ofSeconds(2));
        assertThat(found.setBy()).containsEntry(Setting.TTL, "two").containsEntry(Setting.TAGS, "one");
        assertThat(found.tags(Headers.of("Cache-Tag", "b"))).containsExactly("a", "b");
        ResponseHead head = found.towardsClient(GET, new ResponseHead(200, Headers.of("B", "0")));
        assertThat(head.headers().first("A")).isEqualTo("1");
        assertThat(head.headers().all("B")).containsExactly("2");
        ResponseTreatment gone = treatment.response(new ResponseHead(404, Headers.EMPTY));
        assertThat(gone.rules()).containsExactly("one", "two", "four");
        assertThat(gone.terms().lifetimes().ttl()).isEqualTo(ofSeconds(4));
        assertThat(gone.terms().lifetimes().ttlForErrors()).isTrue();
        assertThat(found.terms().id()).isNotEqualTo(gone.terms().id());
    }

    @Test
    void the_content_coding_of_a_response_is_set_by_a_rule_with_a_value_for_it() {
        ResponseHead ok = new ResponseHead(200, Headers.EMPTY);
        Rules rules = Rules.of(
                rule("set").status("200").setResponseHeader("content-encoding", "br"),
                rule("removed").status("404").removeResponseHeader("Content-Encoding"));
        Treatment treatment = rules.forRequest(GET, null);
        assertThat(treatment.response(ok).setsContentEncoding()).isTrue();
        assertThat(treatment.response(new ResponseHead(404, Headers.EMPTY)).setsContentEncoding())
                .isFalse();
        assertThat(treatment.response(new ResponseHead(500, Headers.EMPTY)).setsContentEncoding())
                .isFalse();
        Rules.of(rule("a").compress(ContentCoding.GZIP).removeResponseHeader("Content-Encoding"));
        Rules.of(rule("a").compress().setResponseHeader("Content-Encoding", "br"));
    }

    @Test
    void rules_that_cannot_be_meant_are_refused_with_their_names() {
        assertRefused("rule \"a\" sets nothing", rule("a"));
        assertRefused(
                "rule \"a\" sets ttl, which has no effect with bypass",
                rule("a").bypass().ttl(ofSeconds(1)));
        assertRefused(
                "rule \"a\" sets ttl, which has no effect with store: false",
                rule("a").store(false).ttl(ofSeconds(1)));
        assertRefused(
                "rule \"a\" has redirect and respond",
                rule("a").redirect("/b", 301).respond(200, ""));
        assertRefused(
                "rule \"a\" sets origin, which acts before there is a response",
                rule("a").status("404").origin("o"));
        assertRefused(
                "rule \"a\" sets tags, which has no effect where nothing is forwarded",
                rule("a").respond(200, "").tags("t"));
        assertRefused(
                "rule \"a\" sets compress, which has no effect where response-headers set Content-Encoding",
                rule("a").compress(ContentCoding.GZIP).setResponseHeader("Content-Encoding", "br"));
        assertRefused("min-ttl that is longer", rule("a").minTtl(ofSeconds(2)).maxTtl(ofSeconds(1)));
        assertRefused(
                "two rules have the name \"a\"", rule("a").bypass(), rule("a").bypass());
        assertRefused(
                "rule \"a\" redirects in a circle", rule("a").path("/a/**").redirect("/a/b", 302));
        assertRefused(
                "redirects in a circle",
                rule("a").path("/a").redirect("/b", 302),
                rule("b").path("/b").redirect("/a", 302));
        assertThat(Rules.of(rule("a").path("/a").redirect("/b", 302)).list()).hasSize(1);
        assertThat(Rules.of(rule("min").minTtl(ofSeconds(1)).maxTtl(ofSeconds(1)))
                        .list())
                .hasSize(1);
    }

    @Test
    void values_that_are_none_are_refused_where_they_are_written() {
        for (Runnable wrong : List.<Runnable>of(
                () -> rule(" "),
                () -> rule("a").ttl(ofSeconds(-1)),
                () -> rule("a").maxObjectBytes(-1),
                () -> rule("a").redirect("/b", 200),
                () -> rule("a").redirect("", 301),
                () -> rule("a").redirect("/b c", 301),
                () -> rule("a").respond(199, ""),
                () -> rule("a").respond(600, ""),
                () -> rule("a").rewrite("api", ""),
                () -> rule("a").rewrite("/api/", ""),
                () -> rule("a").rewrite("/a", "/a"),
                () -> rule("a").setRequestHeader("Host", "x"),
                () -> rule("a").setResponseHeader("Content-Length", "1"),
                () -> rule("a").addResponseHeader("X", "a\r\nb"),
                () -> rule("a").removeResponseHeader("a b"),
                () -> rule("a").keyDropsQuery(""),
                () -> site("a"),
                () -> site("a", "http://x"),
                () -> site("a", "x:80"))) {
            assertThatThrownBy(wrong::run).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void sites_with_the_same_name_or_host_are_refused() {
        assertThatThrownBy(() -> Sites.of(site("a", "x"), site("a", "y"))).hasMessage("two sites have the name \"a\"");
        assertThatThrownBy(() -> Sites.of(site("a", "x"), site("b", "X")))
                .hasMessage("host \"x\" is in site \"a\" and in site \"b\"");
        assertThat(Sites.of(site("a", "x")).find("y")).isNull();
        assertThat(Sites.of(Site.everything(Policy.rfc9111(), Rules.NONE)).isEverything())
                .isTrue();
        assertThat(Sites.of(site("a", "*")).isEverything()).isFalse();
    }

    @Test
    void a_rewrite_strips_whole_segments_and_leaves_the_query() {
        Rewrite rewrite = new Rewrite("/api", "/v1");
        assertThat(rewrite.apply(new Target("http", "a", "/api/x?y=/api"))).isEqualTo("/v1/x?y=/api");
        assertThat(rewrite.apply(new Target("http", "a", "/api?y"))).isEqualTo("/v1/?y");
        assertThat(rewrite.apply(new Target("http", "a", "/api"))).isEqualTo("/v1/");
        assertThat(rewrite.apply(new Target("http", "a", "/apix"))).isEqualTo("/v1/apix");
        assertThat(rewrite.apply(new Target("http", "a", "*"))).isEqualTo("*");
        assertThat(new Rewrite("/api", "").apply(new Target("http", "a", "/api/x")))
                .isEqualTo("/x");
    }

    @Test
    void headers_are_set_added_and_removed_in_the_order_of_rules() {
        HeaderChanges changes =
                HeaderChanges.NONE.set("A", "1").add("A", "2").add("B", "3").remove("C");
        Headers changed = changes.apply(Headers.of("a", "0", "B", "0", "c", "0", "D", "0"));
        assertThat(changed.all("A")).containsExactly("1", "2");
        assertThat(changed.all("B")).containsExactly("0", "3");
        assertThat(changed.contains("C")).isFalse();
        assertThat(changed.first("D")).isEqualTo("0");
        assertThat(changes.and(HeaderChanges.NONE.remove("A")).apply(Headers.of("A", "0")))
                .isEqualTo(Headers.of("B", "3"));
    }

    private static Treatment treatment(Rules rules, String path) {
        return rules.forRequest(new RequestHead("GET", new Target("http", "a", path), Headers.EMPTY), null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin/x",
                "/admin%2fx",
                "/admin%252fx",
                "/admin%5cx",
                "/admin\\x",
                "/%2fadmin/x",
                "/x/..%2fadmin/x",
                "/x%2f..%2fadmin/x",
                "/x/..%5cadmin/x",
                "/x%5c..%2fadmin/x",
                "/admin//../x",
                "/admin/..;/x",
            })
    void no_reading_of_a_path_evades_a_response_or_a_redirect(String path) {
        Rules refusing = Rules.of(
                rule("admin").path("/admin/**").respond(403, ""), rule("all").ttl(ofSeconds(1)));
        assertThat(treatment(refusing, path).respond()).isNotNull();
        Rules redirecting = Rules.of(rule("admin").path("/admin/**").redirect("/login", 302));
        assertThat(treatment(redirecting, path).redirect()).isNotNull();
        assertThat(treatment(refusing, "/x/%41dmin%20x").answers()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/public/..%2fadmin/x", "/public%5c..%5cadmin", "/public/../admin", "/public//../../admin"})
    void no_reading_of_a_path_evades_a_list_of_what_is_allowed(String path) {
        Rules rules = Rules.of(rule("all but public")
                .match(Match.ALL.not(Match.ALL.path("/public/**")))
                .respond(403, ""));
        assertThat(treatment(rules, path).respond()).isNotNull();
        assertThat(treatment(rules, "/public//a%20b;c").answers()).isFalse();
        assertThat(treatment(rules, "/public/a%2fb").answers()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /api/x?q=/api      | /base/x?q=/api
            /api               | /base/
            /api/              | /base/
            /apix              | /base/apix
            /%61pi/x%20y       | /base/x%20y
            /./api/x           | /base/x
            //api//x//y        | /base/x//y
            /api;v=1/x;v=2     | /base/x;v=2
            /x/../api/x        | /base/x
            /api/../api/x      | /base/x
            /api/y/../x%2Fz    | /base/x%2Fz
            /other/../x        | /base/x
            /other//y%41       | /base/other//y%41
            """)
    void a_rewrite_works_on_the_path_that_matches(String path, String forwarded) {
        Rules rules = Rules.of(rule("a").rewrite("/api", "/base"));
        RequestHead request = new RequestHead("GET", new Target("http", "a", path), Headers.EMPTY);
        Treatment treatment = rules.forRequest(request, null);
        assertThat(treatment.forwarded(request).target().pathAndQuery()).isEqualTo(forwarded);
        assertThat(treatment.refuses(request.target())).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/..%2fx", "/api/%2e%2e%5cx", "//../x", "/api/a/..%2f..%2fx", "/..;/x"})
    void a_path_that_leaves_the_prefix_of_a_rewrite_is_refused(String path) {
        Rules rules = Rules.of(rule("a").rewrite("/api", "/base"));
        assertThat(treatment(rules, path).refuses(new Target("http", "a", path)))
                .isTrue();
        assertThat(treatment(Rules.NONE, path).refuses(new Target("http", "a", path)))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {uri}                   | //evil.com/..;/red/    | /evil.com/..;/red/
            {uri}                   | /\\evil.com             | /evil.com
            /{uri}                  | /evil.com              | /evil.com
            /b{uri}                 | //evil.com             | /b//evil.com
            https://b.org{uri}      | //evil.com?a           | https://b.org//evil.com?a
            //{host}{uri}           | //evil.com             | //a//evil.com
            //b.org{uri}            | /x                     | //b.org/x
            https://b.org{uri}      | *                      | https://b.org/
            """)
    void the_path_of_a_request_never_is_the_host_of_a_redirect(String to, String path, String location) {
        assertThat(new Redirect(to, 302).location(new Target("http", "a", path)))
                .isEqualTo(location);
    }

    @Test
    void what_has_no_effect_in_a_setting_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rule("a").redirect("/y/{path}", 302))
                .withMessageContaining("unknown placeholder {path}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rule("a").respond(204, "text"))
                .withMessageContaining("status 204 has no body");
        assertThat(rule("a").respond(304, "").sets()).containsExactly(Setting.RESPOND);
        for (String prefix : List.of("/a/../b", "/./a", "/a//b", "/%2e%2e/a", "/a%2f..")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rule("a").rewrite("", prefix))
                    .withMessageContaining("has a segment that is empty, . or ..");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rule("a").tags("t", " "))
                .withMessageContaining("a tag of rule \"a\" is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rule("a").pathRegex("(".repeat(5000)))
                .withMessageContaining("is too large")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(250));
    }

    @Test
    void a_site_whose_origin_gets_the_clients_host_refuses_keys_without_host() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> site("s", "a.example")
                        .rules(rule("shared").keyHost(false))
                        .withClientHost())
                .withMessageContaining("rule \"shared\" leaves the host out of the key");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Site.everything(
                                Policy.rfc9111(), Rules.of(rule("shared").keyHost(false)))
                        .origin("o"))
                .withMessageContaining("rule \"shared\"");
        assertThat(site("s", "a.example")
                        .rules(rule("own").keyHost(true))
                        .withClientHost()
                        .clientHost())
                .isTrue();
    }

    @Test
    void a_rewritten_path_leads_back_to_the_path_of_the_client() {
        Rewrite rewrite = new Rewrite("/api", "/v1");
        assertThat(rewrite.back("/v1/x?y")).isEqualTo("/api/x?y");
        assertThat(rewrite.back("/v1")).isNull();
        assertThat(rewrite.back("/v10/x")).isNull();
        assertThat(rewrite.back("/v2/x")).isNull();
        assertThat(new Rewrite("/api", "").back("/x")).isEqualTo("/api/x");
        assertThat(new Rewrite("", "/v1").back("/v1/x")).isEqualTo("/x");
    }
}
