package io.cachingproxy.attack;

import static io.cachingproxy.rules.Rule.rule;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.Ignored;
import io.cachingproxy.rules.Rule;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No rule about lifetimes gives one user's response to another. */
class RuleIsolationTest extends RuledAttack {
    private static final String COOKIE = "Cookie: user=alice";
    private static final String AUTHORIZATION = "Authorization: alice";

    private static final Rule TTL = rule("ttl").ttl(ofSeconds(60));
    private static final Rule MIN_TTL = rule("min-ttl").minTtl(ofSeconds(60));
    private static final Rule WHILE_STALE = rule("stale").staleWhileRevalidate(ofSeconds(60));

    static Stream<Arguments> lifetimes() {
        return Stream.of(TTL, MIN_TTL, WHILE_STALE)
                .flatMap(rule -> Stream.of(
                        Arguments.of(rule, COOKIE, "Cache-Control: no-cache"),
                        Arguments.of(rule, COOKIE, "Cache-Control: max-age=0"),
                        Arguments.of(rule, COOKIE, "Expires: 0"),
                        Arguments.of(rule, AUTHORIZATION, "Cache-Control: max-age=0, must-revalidate"),
                        Arguments.of(rule, AUTHORIZATION, "Cache-Control: public, no-cache")));
    }

    private void origin(String fields) {
        origin.on("/p", (request, connection) -> {
            String user = request.field("Cookie") + request.field("Authorization");
            connection.send(response(fields + "\r\nETag: \"" + user.hashCode() + "\"\r\n", "for " + user));
        });
    }

    @ParameterizedTest
    @MethodSource("lifetimes")
    void what_is_validated_before_each_reuse_for_one_user_stays_so(Rule rule, String credentials, String fields)
            throws IOException {
        rules(rule);
        origin(fields);
        assertThat(ask(get("/p", credentials)).body()).contains("alice");
        clock.advance(1);
        assertThat(ask(get("/p")).body()).isEqualTo("for ");
    }

    @Test
    void an_error_does_not_bring_back_what_was_for_another_user() throws IOException {
        rules(rule("stale").staleIfError(ofSeconds(60)));
        origin("Cache-Control: max-age=0, must-revalidate");
        ask(get("/p", AUTHORIZATION));
        origin.on("/p", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
        assertThat(ask(get("/p")).status()).isEqualTo(503);
    }

    @Test
    void what_the_policy_shares_is_shared_for_as_long_as_the_rule_says() throws IOException {
        rules(TTL);
        origin("Cache-Control: public, max-age=5");
        ask(get("/p", COOKIE));
        clock.advance(50);
        assertThat(ask(get("/p")).field("X-Cache")).isEqualTo("HIT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-User", "Cookie", "Authorization"})
    void a_vary_that_rules_ignored_counts_again_once_they_are_replaced(String field) throws IOException {
        rules(rule("ignore").ignore(Ignored.VARY, Ignored.COOKIE, Ignored.AUTHORIZATION));
        origin.on(
                "/p",
                (request, connection) -> connection.send(response(
                        "Vary: " + field + "\r\nCache-Control: public, max-age=60\r\n",
                        "for " + request.field(field))));
        ask(get("/p", field + ": alice"));
        rules(rule("other").setResponseHeader("X-Other", "yes"));
        assertThat(ask(get("/p")).body()).isEqualTo("for ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cookie", "Authorization"})
    void credentials_that_rules_ignored_select_again_once_they_are_replaced(String field) throws IOException {
        rules(rule("ignore").ignore(Ignored.COOKIE, Ignored.AUTHORIZATION));
        origin.on(
                "/p",
                (request, connection) -> connection.send(response(
                        "Vary: " + field + "\r\nCache-Control: public, max-age=60\r\n",
                        "for " + request.field(field))));
        ask(get("/p", field + ": alice"));
        rules(rule("other").setResponseHeader("X-Other", "yes"));
        assertThat(ask(get("/p")).body()).isEqualTo("for ");
    }

    @Test
    void a_set_cookie_that_rules_ignored_counts_again_once_they_are_replaced() throws IOException {
        rules(rule("ignore").ignore(Ignored.SET_COOKIE));
        origin("Set-Cookie: user=alice\r\nCache-Control: max-age=60");
        assertThat(ask(get("/p")).field("X-Cache")).isEqualTo("MISS");
        assertThat(ask(get("/p")).field("X-Cache")).isEqualTo("HIT");
        rules(rule("other").setResponseHeader("X-Other", "yes"));
        assertThat(ask(get("/p")).field("X-Cache")).isEqualTo("MISS");
        assertThat(ask(get("/p")).field("X-Cache")).isEqualTo("MISS");
    }

    @Test
    void a_browser_ttl_does_not_let_caches_in_front_share_what_is_for_one_user() throws IOException {
        rules(rule("browser").browserTtl(ofSeconds(10)));
        origin("X-Nothing: said");
        assertThat(ask(get("/p", COOKIE)).field("Cache-Control")).isEqualTo("private, max-age=10");
        assertThat(ask(get("/p")).field("Cache-Control")).isEqualTo("max-age=10");
        origin("Set-Cookie: user=alice");
        assertThat(ask(get("/p?2")).field("Cache-Control")).isEqualTo("private, max-age=10");
        origin("Cache-Control: max-age=0");
        assertThat(ask(get("/p?4", COOKIE)).field("Cache-Control")).isEqualTo("private, max-age=10");
        origin("Cache-Control: max-age=60");
        assertThat(ask(get("/p?3", COOKIE)).field("Cache-Control")).isEqualTo("max-age=10");
    }
}
