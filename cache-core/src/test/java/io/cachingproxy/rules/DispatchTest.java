package io.cachingproxy.rules;

import static io.cachingproxy.rules.Rule.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The index passes over no rule that would hold. */
class DispatchTest {
    private static final List<Match> MATCHES = List.of(
            Match.ALL.path("/a/**"),
            Match.ALL.path("/b*", "/b/c"),
            Match.ALL.path("/a", "/b"),
            Match.ALL.path("/**.b"),
            Match.ALL.path("/é/**"),
            Match.ALL.path("/ab"),
            Match.ALL.path("/ab/c/**"),
            Match.ALL.path("/a/x", "/a/c*", "/ab"),
            Match.ALL.path("/" + "a".repeat(100) + "/**"),
            Match.ALL.path("/?/x"),
            Match.ALL.path("/a/**").method("GET"),
            Match.ALL.method("POST").path("/a/**"),
            Match.ALL.not(Match.ALL.path("/a/**")),
            Match.ALL.any(Match.ALL.path("/a/**"), Match.ALL.path("/b")),
            Match.ALL.any(Match.ALL.path("/a"), Match.ALL.status("404")),
            Match.ALL.pathRegex("^/a"),
            Match.ALL.pathRegex("^/ab?c", "^/a[bc]$"),
            Match.ALL.pathRegex("^/b", "^/c"),
            Match.ALL.pathRegex("^/a|b"),
            Match.ALL.path("/"),
            Match.ALL);

    @Property
    void the_rules_that_match_are_those_that_hold_one_by_one(@ForAll("paths") String path) {
        RequestHead request = new RequestHead("GET", new Target("http", "a", path), Headers.EMPTY);
        List<Rule> rules = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < MATCHES.size(); i++) {
            Rule rule = rule("r" + i).match(MATCHES.get(i)).tags("t");
            rules.add(rule);
            boolean holds = MATCHES.get(i).alternatives().stream()
                    .anyMatch(each -> each.response() == ResponseTest.ALWAYS
                            && each.request().holds(request, null));
            if (holds) {
                expected.add("r" + i);
            }
        }
        assertThat(Rules.of(rules).forRequest(request, null).rules()).isEqualTo(expected);
    }

    @Provide
    Arbitrary<String> paths() {
        return Arbitraries.oneOf(
                        Arbitraries.strings().withChars("/ab.cx%61é?").ofMaxLength(7),
                        Arbitraries.integers().between(60, 110).map("a"::repeat))
                .map(rest -> "/" + rest);
    }
}
