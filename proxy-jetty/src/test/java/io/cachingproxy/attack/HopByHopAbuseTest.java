package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No party takes a field away from another by calling it hop-by-hop. */
class HopByHopAbuseTest extends Attack {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "Content-Length",
                "Authorization",
                "Cookie",
                "Cache-Control",
                "Range",
                "Origin",
                "Accept-Language",
                "X-Forwarded-Host",
                "hOsT",
                "close, cookie"
            })
    void a_connection_field_that_names_what_must_arrive_is_refused(String name) throws IOException {
        Message response = ask(get("/a", "Connection: " + name, "Cookie: a=b", "Authorization: x"));
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.field("Cache-Control")).isEqualTo("no-store");
        assertVictimUnharmed();
    }

    @Test
    void a_field_that_the_origin_never_saw_does_not_select_what_its_senders_get() throws IOException {
        origin.on("/a", RecordingOrigin.ok("without", "Cache-Control: max-age=60", "Vary: X-Tenant"));
        ask(get("/a", "Connection: X-Tenant", "X-Tenant: victim"));
        assertThat(origin.last().head()).doesNotContainIgnoringCase("x-tenant");
        origin.on("/a", RecordingOrigin.ok("the victim's", "Cache-Control: max-age=60", "Vary: X-Tenant"));
        assertThat(ask(get("/a", "X-Tenant: victim")).body()).isEqualTo("the victim's");
        assertThat(victim("/a").body()).isEqualTo("without");
    }

    @Test
    void hop_by_hop_fields_of_the_client_go_no_further() throws IOException {
        ask(get(
                "/a",
                "Connection: X-Listed, keep-alive, Upgrade",
                "X-Listed: x",
                "Keep-Alive: timeout=9",
                "Proxy-Connection: keep-alive",
                "Proxy-Authorization: Basic eDp5",
                "TE: trailers",
                "Trailer: X",
                "Upgrade: TLS/1.2",
                "HTTP2-Settings: AAMAAABkAAQAAP__"));
        String head = origin.last().head().toLowerCase();
        assertThat(head)
                .doesNotContain(
                        "x-listed", "keep-alive", "proxy-", "\nte:", "\ntrailer:", "\nupgrade:", "\nhttp2-settings:");
    }

    @Test
    void hop_by_hop_fields_of_the_origin_go_no_further_not_even_later() throws IOException {
        origin.on(
                "/a",
                RecordingOrigin.ok(
                        "a",
                        "Connection: X-Listed, keep-alive",
                        "X-Listed: secret",
                        "Keep-Alive: timeout=9",
                        "Proxy-Authentication-Info: x",
                        "Proxy-Authenticate: Basic",
                        "Upgrade: h2c"));
        for (String cache : new String[] {"MISS", "HIT"}) {
            Message response = victim("/a");
            assertThat(response.field("X-Cache")).isEqualTo(cache);
            assertThat(response.head().toLowerCase())
                    .doesNotContain("x-listed", "secret", "keep-alive", "proxy-auth", "\nupgrade:");
        }
    }

    @Test
    void a_cache_control_that_the_origin_lists_in_connection_still_keeps_a_response_private() throws IOException {
        origin.on(
                "/a",
                "HTTP/1.1 200 OK\r\nConnection: Cache-Control\r\nCache-Control: private\r\n"
                        + "Content-Length: 1\r\n\r\na");
        assertThat(victim("/a").field("X-Cache")).isEqualTo("MISS");
        assertThat(victim("/a").field("X-Cache")).isEqualTo("MISS");
    }
}
