package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only the configuration says which origin is asked; nothing in a request does. */
class TargetConfusionTest extends Attack {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Host: proxy\r\nHost: evil\r\n",
                "Host: proxy\r\nHost: proxy\r\n",
                "Host: user@proxy\r\n",
                "Host: proxy/evil\r\n",
                "Host: proxy, evil\r\n",
                "Host: proxy evil\r\n",
                "Host: proxy:port\r\n",
                "Host: proxy:99999\r\n",
                "Host: pro\u0000xy\r\n",
                "Host: proxy?\r\n",
                "Host: proxy#\r\n",
                "Host : proxy\r\n"
            })
    void a_request_without_exactly_one_proper_host_is_refused(String host) throws IOException {
        assertRefused(400, "GET /a HTTP/1.1\r\n" + host + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil/a", "http://evil:80/a", "http://user@evil/a", "http://proxy:1/a"})
    void an_absolute_form_that_names_another_host_than_host_is_refused(String target) throws IOException {
        assertRefused(400, get(target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://proxy/a", "HTTPS://proxy/a", "ftp://proxy/a", "file:///etc/passwd", "gopher://proxy/a"})
    void a_scheme_other_than_the_connections_is_refused(String target) throws IOException {
        assertRefused(400, get(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://user@proxy/a", "http://user:secret@proxy/a", "http://evil@proxy/a"})
    void userinfo_is_refused(String target) throws IOException {
        assertRefused(400, get(target));
    }

    @Test
    void any_host_is_the_configured_origin() throws IOException {
        Message response = ask("GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        assertThat(response.body()).isEqualTo("GET /a");
        assertThat(origin.last().all("Host")).containsExactly(origin.uri().getAuthority());
    }

    @Test
    void an_absolute_form_is_the_path_at_the_configured_origin_and_shares_its_key() throws IOException {
        assertThat(ask("GET http://evil/a?b HTTP/1.1\r\nHost: evil\r\n\r\n").body())
                .isEqualTo("GET /a?b");
        assertThat(victim("/a?b").field("X-Cache")).isEqualTo("HIT");
        assertVictimUnharmed("GET /a?b");
    }

    @Test
    void a_target_with_two_slashes_is_a_path_not_a_host() throws IOException {
        assertThat(victim("//evil/a").body()).isEqualTo("GET //evil/a");
        assertVictimUnharmed("GET //evil/a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/\u00c3\u00a4", "/\u00e4", "/a?b=\u00e2\u0082\u00ac", "/\u00c4\u008d\u00c4\u008a"})
    void a_target_with_bytes_that_are_not_ascii_is_refused(String target) throws IOException {
        assertRefused(400, get(target));
    }

    @Test
    void a_redirect_is_passed_on_not_followed() throws IOException {
        origin.on("/a", "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
        assertThat(victim("/a").status()).isEqualTo(302);
        assertVictimUnharmed("GET /a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT evil:80", "CONNECT /a", "TRACE /a"})
    void connect_and_trace_are_refused(String line) throws IOException {
        String host = line.startsWith("CONNECT evil") ? "evil:80" : "proxy";
        String answer = attacker()
                .send(line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                .untilClosed();
        assertThat(answer).matches("(?s)HTTP/1\\.1 (400|405|501) .*");
        assertIsAnErrorPage(answer);
        assertVictimUnharmed();
    }

    @Test
    void a_method_keeps_its_spelling_and_its_own_key() throws IOException {
        assertThat(ask(request("get", "/a")).body()).isEqualTo("get /a");
        assertThat(victim("/a").field("X-Cache")).isEqualTo("MISS");
        assertVictimUnharmed("get /a", "GET /a");
    }
}
