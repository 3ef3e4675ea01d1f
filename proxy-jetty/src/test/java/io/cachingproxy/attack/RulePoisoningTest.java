package io.cachingproxy.attack;

import static io.cachingproxy.rules.Rule.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.Ignored;
import io.cachingproxy.rules.Rule;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No request gets the response to one that was forwarded otherwise. */
class RulePoisoningTest extends RuledAttack {
    @Test
    void a_response_of_another_origin_is_only_for_those_whom_the_rule_sends_there() throws IOException {
        rules(rule("beta").cookie("beta", "1").origin("second"));
        second.on("/p", RecordingOrigin.ok("beta"));
        assertThat(ask(get("/p", "Cookie: beta=1")).body()).isEqualTo("beta");
        assertThat(ask(get("/p")).body()).isEqualTo("GET /p");
        assertThat(ask(get("/p", "Cookie: beta=1")).body()).isEqualTo("beta");
    }

    @Test
    void a_response_to_a_rewritten_path_is_only_for_those_whose_path_is_rewritten() throws IOException {
        rules(rule("mobile").header("User-Agent", "*Mobile*").rewrite("", "/m"));
        assertThat(ask(get("/p", "User-Agent: Mobile")).body()).isEqualTo("GET /m/p");
        assertThat(ask(get("/p")).body()).isEqualTo("GET /p");
    }

    @Test
    void hosts_that_share_keys_do_not_share_what_rules_forward_differently() throws IOException {
        rules(rule("mobile").host("m.example").rewrite("", "/m"));
        assertThat(ask(to("m.example", "/p")).body()).isEqualTo("GET /m/p");
        assertThat(ask(get("/p")).body()).isEqualTo("GET /p");
    }

    @Test
    void a_request_header_that_a_rule_sets_selects_the_response() throws IOException {
        rules(rule("mobile").header("User-Agent", "*Mobile*").setRequestHeader("X-Device", "mobile"));
        origin.on(
                "/p",
                (request, connection) ->
                        connection.send(RecordingOrigin.ok("for " + request.field("X-Device"), "Vary: X-Device")));
        assertThat(ask(get("/p", "User-Agent: Mobile")).body()).isEqualTo("for mobile");
        assertThat(ask(get("/p")).body()).isEqualTo("for ");
        assertThat(ask(get("/p", "User-Agent: Mobile")).field("X-Cache")).isEqualTo("HIT");
        assertThat(ask(request("PURGE", "/p")).status()).isEqualTo(204);
        assertThat(ask(get("/p", "User-Agent: Mobile")).field("X-Cache")).isEqualTo("MISS");
    }

    @ParameterizedTest
    @CsvSource({"%61=evil&a=1", "b;a=evil&a=1", "A=evil&a=1", "a[]=evil&a=1", "a%00b=evil&a=1", "+a=evil&a=1"})
    void the_order_of_parameters_counts_that_a_server_takes_for_the_same_one(String query) throws IOException {
        rules(rule("sorted").keySortsQuery());
        String[] parameters = query.split("&");
        ask(get("/p?" + query));
        String other = "/p?" + parameters[1] + "&" + parameters[0];
        assertThat(ask(get(other)).body()).isEqualTo("GET " + other);
    }

    @Test
    void the_order_of_other_parameters_does_not_count() throws IOException {
        rules(rule("sorted").keySortsQuery());
        ask(get("/p?b=1&a=2"));
        assertThat(ask(get("/p?a=2&b=1")).field("X-Cache")).isEqualTo("HIT");
    }

    @Test
    void a_host_that_a_trusted_peer_reports_selects_although_rules_ignore_vary() throws IOException {
        rules(rule("ignore").ignore(Ignored.VARY));
        origin.on(
                "/p",
                (request, connection) -> connection.send(
                        RecordingOrigin.ok("https://" + request.field("X-Forwarded-Host"), "Vary: X-Other")));
        ask(get("/p", "X-Forwarded-Host: evil", "X-Other: 1"));
        assertThat(ask(get("/p", "X-Forwarded-Host: good", "X-Other: 2")).body())
                .isEqualTo("https://good");
        assertThat(ask(get("/p", "X-Forwarded-Host: good", "X-Other: 3")).field("X-Cache"))
                .isEqualTo("HIT");
    }

    @Test
    void a_key_function_that_fails_with_an_error_costs_no_request() throws IOException {
        Rule broken = rule("broken").key(request -> {
            throw new StackOverflowError();
        });
        rules(broken);
        assertThat(ask(get("/p")).body()).isEqualTo("GET /p");
        assertThat(ask(get("/p")).field("X-Cache")).isEqualTo("MISS");
    }
}
