package io.cachingproxy.rules;

import static io.cachingproxy.rules.Rule.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reports of rules have no secrets, and still say which condition does not hold. */
class ReportedSecretsTest {
    private static final RequestHead REQUEST =
            new RequestHead("GET", new Target("http", "a.example", "/a"), Headers.EMPTY);

    static Stream<Match> withSecrets() {
        Match secret = Match.ALL.header("X-Shared", "s3cr3t");
        return Stream.of(
                secret,
                Match.ALL.cookie("session", "s3cr3t"),
                Match.ALL.query("sig", "s3cr3t"),
                Match.ALL.any(secret, Match.ALL.cookie("session", "s3cr3t")),
                Match.ALL.not(Match.ALL.not(secret)));
    }

    @ParameterizedTest
    @MethodSource("withSecrets")
    void a_condition_that_does_not_hold_is_reported_without_its_secrets(Match match) {
        String unmet = match.unmet(REQUEST, null, null);
        assertThat(unmet).contains("***").doesNotContain("s3cr3t");
        assertThat(match.toString()).as("matches with different values differ").contains("s3cr3t");
    }

    @Test
    void harmless_values_are_reported() {
        assertThat(Match.ALL.header("Accept", "text/html").unmet(REQUEST, null, null))
                .isEqualTo("header: {Accept: text/html}");
        assertThat(Match.ALL.cookie("session", "*").unmet(REQUEST, null, null)).isEqualTo("cookie: {session: \"*\"}");
    }

    @Test
    void a_redirect_is_reported_without_user_and_values_of_parameters() {
        Rules rules = Rules.of(rule("r").redirect("https://u:s3cr3t@h.example/{uri}?token=s3cr3t", 302));
        assertThat(rules.report(REQUEST, null, rules.forRequest(REQUEST, null), null)
                        .get(0)
                        .settings()
                        .toString())
                .contains("https://***@h.example/{uri}?token=***")
                .doesNotContain("s3cr3t");
    }
}
