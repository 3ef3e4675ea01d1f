package io.cachingproxy.attack;

import static io.cachingproxy.rules.Rule.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.rules.Match;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Sites;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No spelling of a path evades a rule that answers, or leaves the path of the origin's URL. */
class RulePathTest extends RuledAttack {
    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return super.configured(builder).origin("below", URI.create(origin.uri() + "/base"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/x", "/admin%2fx", "/%2fadmin/x", "/x/..%2fadmin/x", "/x%2f..%2fadmin/x"})
    void a_path_that_some_origin_reads_as_a_refused_one_is_refused(String path) throws IOException {
        rules(rule("admin").path("/admin/**").respond(403, ""));
        assertThat(ask(get(path)).status()).isEqualTo(403);
        rules(rule("others")
                .match(Match.ALL.not(Match.ALL.path("/x", "/victim")))
                .respond(403, ""));
        assertThat(ask(get(path)).status()).isEqualTo(403);
        assertVictimUnharmed();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "//../secret/x",
                "/a//../../secret/x",
                "/..%2fsecret/x",
                "/%2e%2e%2fsecret/x",
                "/%252e%252e/x",
                "/../secret/x",
                "/..%5csecret/x"
            })
    void a_path_that_leaves_the_path_of_the_origin_is_refused(String path) throws IOException {
        cache.sites(Sites.of(Site.site("all", "*").origin("below")));
        assertThat(ask(get(path)).status()).isEqualTo(400);
        assertThat(ask(get("/a%2fb/../x")).status()).isEqualTo(200);
        assertThat(origin.asked()).containsExactly("GET /base/a%2fb/../x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/x2/../x2/x", "/%782/x", "/./x2/x", "//x2/x"})
    void a_rewrite_strips_what_matched(String path) throws IOException {
        rules(rule("x2").path("/x2/**").rewrite("/x2", "/base"));
        assertThat(ask(get(path)).status()).isEqualTo(200);
        assertThat(ask(get("/x2/..%2fsecret")).status()).isEqualTo(400);
        assertThat(origin.asked()).containsExactly("GET /base/x");
    }
}
