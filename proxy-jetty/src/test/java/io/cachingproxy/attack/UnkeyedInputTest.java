package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that is not part of the key changes what others get. */
class UnkeyedInputTest extends Attack {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-Host",
                "X-Forwarded-Port",
                "X-Forwarded-Prefix",
                "X-Forwarded-Scheme",
                "X-Forwarded-Server",
                "Forwarded",
                "X-HTTP-Method-Override",
                "X-HTTP-Method",
                "X-Method-Override",
                "X-Original-URL",
                "X-Rewrite-URL",
                "X-Original-Host",
                "X-Host",
                "X-Real-IP",
                "True-Client-IP",
                "X-Client-IP",
                "Client-IP",
                "CF-Connecting-IP",
                "Fastly-Client-IP",
                "Proxy",
                "X-Host-Override",
                "X-Original-Uri",
                "X-Envoy-Original-Path",
                "X-Forwarded-User",
                "X-Forwarded-Client-Cert",
                "X-Forwarded-Access-Token",
                "X_Forwarded_Host",
                "X-Forwarded_Host",
                "X.Forwarded.Host",
                "X!Forwarded~Host",
                "X_HTTP_Method_Override",
                "X_Original_URL",
                "x_tenant",
                "x.tenant"
            })
    void what_a_client_says_of_hosts_hops_methods_and_urls_is_dropped(String name) throws IOException {
        origin.on("/a", (request, connection) -> connection.send(RecordingOrigin.ok("said: " + request.field(name))));
        assertThat(ask(get("/a", name + ": evil")).body()).isEqualTo("said: ");
        Message response = victim("/a");
        assertThat(response.body()).isEqualTo("said: ");
        assertThat(response.field("X-Cache")).isEqualTo("HIT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-Port", "X-Real-IP", "x_tenant", "X.Forwarded.Host"})
    void and_selects_no_variant_although_the_origin_names_it_in_vary(String name) throws IOException {
        origin.on("/a", RecordingOrigin.ok("a", "Vary: " + name));
        ask(get("/a", name + ": 1"));
        assertThat(ask(get("/a", name + ": 2")).field("X-Cache")).isEqualTo("HIT");
        assertThat(victim("/a").field("X-Cache")).isEqualTo("HIT");
    }

    @Test
    void the_host_that_the_client_says_never_reaches_the_origin() throws IOException {
        origin.on("/a", (request, connection) -> connection.send(RecordingOrigin.ok("at " + request.field("Host"))));
        ask("GET /a HTTP/1.1\r\nHost: evil\r\n\r\n");
        assertThat(victim("/a").body()).isEqualTo("at " + origin.uri().getAuthority());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD"})
    void a_get_or_head_with_content_is_neither_answered_from_nor_kept_in_the_cache(String method) throws IOException {
        origin.on("/a", (request, connection) -> {
            String answer = RecordingOrigin.ok("sent: " + request.body());
            connection.send(
                    request.startLine().startsWith("HEAD") ? answer.substring(0, answer.indexOf("sent:")) : answer);
        });
        String fat = method + " /a HTTP/1.1\r\nHost: proxy\r\nContent-Length: 4\r\n\r\nevil";
        RawClient attacker = attacker().send(fat);
        Message first = method.equals("HEAD") ? attacker.responseToHead() : attacker.response();
        assertThat(first.field("X-Cache")).isEqualTo("MISS");
        Message response = victim("/a");
        assertThat(response.field("X-Cache")).isEqualTo("MISS");
        assertThat(response.body()).isEqualTo("sent: ");
        attacker.send(fat);
        Message again = method.equals("HEAD") ? attacker.responseToHead() : attacker.response();
        assertThat(again.field("X-Cache")).isEqualTo("MISS");
        assertThat(origin.requests()).hasSize(3);
    }

    @Test
    void content_of_a_get_is_not_the_next_request() throws IOException {
        String smuggled = "GET /smuggled HTTP/1.1\r\nHost: proxy\r\n\r\n";
        ask("GET /a HTTP/1.1\r\nHost: proxy\r\nContent-Length: " + smuggled.length() + "\r\n\r\n" + smuggled);
        assertThat(origin.last().body()).isEqualTo(smuggled);
        assertVictimUnharmed("GET /a");
    }

    @Test
    void a_response_to_credentials_is_nobody_elses() throws IOException {
        origin.on(
                "/a",
                (request, connection) -> connection.send(RecordingOrigin.ok("for " + request.field("Authorization"))));
        ask(get("/a", "Authorization: Basic c2VjcmV0"));
        assertThat(victim("/a").body()).isEqualTo("for ");
    }

    @Test
    void a_response_that_sets_a_cookie_is_nobody_elses() throws IOException {
        origin.on("/a", RecordingOrigin.ok("a", "Set-Cookie: session=attackers"));
        victim("/a");
        assertThat(victim("/a").field("X-Cache")).isEqualTo("MISS");
    }
}
