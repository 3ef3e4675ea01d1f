package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9110 and 9112 let a server ignore is ignored, and what they forbid is refused. */
class Http1RulesTest extends Attack {
    // RFC 9110 §10.1.1, §7.8
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Expect: 100-continue",
                "Expect: anything",
                "Connection: upgrade\r\nUpgrade: websocket",
                "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk"
            })
    void an_expectation_or_upgrade_of_http_1_0_is_ignored(String lines) throws IOException {
        Message response = ask("POST /a HTTP/1.0\r\nHost: proxy\r\n" + lines + "\r\nContent-Length: 3\r\n\r\nabc");
        assertThat(response.status()).isEqualTo(200);
        assertThat(origin.last().body()).isEqualTo("abc");
        assertThat(origin.last().field("Expect")).isEmpty();
        assertThat(origin.last().field("Upgrade")).isEmpty();
    }

    // RFC 9110 §7.8, RFC 9113 §3.1
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection: upgrade\r\nUpgrade: h2c",
                "Upgrade: h2c",
                "Upgrade: websocket",
                "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
                "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: !",
                "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA",
                "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
                "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAT_____",
                "Connection: upgrade\r\nUpgrade: other/1.0"
            })
    void an_offer_to_upgrade_is_ignored(String lines) throws IOException {
        RawClient client = attacker().send(get("/a", lines));
        assertThat(client.response().body()).isEqualTo("GET /a");
        assertThat(origin.last().field("Upgrade")).isEmpty();
        assertThat(client.send(get("/b")).response().body()).isEqualTo("GET /b");
    }

    // RFC 9110 §4.2.3
    @ParameterizedTest
    @ValueSource(strings = {"proxy:", "[::1]:", "127.0.0.1:", "proxy:80", "proxy"})
    void the_port_of_a_host_may_be_empty(String host) throws IOException {
        assertThat(ask("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ":",
                ":80",
                "proxy::",
                "proxy:x",
                "proxy:99999",
                "pro xy",
                "pro/xy",
                "a@b",
                "[::1",
                "[x]:",
                "a,b:"
            })
    void what_is_no_host_is_refused(String host) throws IOException {
        assertRefused(400, "GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

    // RFC 9112 §2.3
    @ParameterizedTest
    @ValueSource(strings = {"http/1.1", "HTTp/1.1", "hTTP/1.0"})
    void the_name_of_the_version_is_in_upper_case(String version) throws IOException {
        assertRefused(400, "GET /a " + version + "\r\nHost: proxy\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 6, 7, 8, 10, 12, 15, 16}) // with more of it the answer comes before the rest is sent
    void also_if_the_request_line_comes_in_pieces(int at) throws IOException {
        String request = "GET /a http/1.1\r\nHost: proxy\r\n\r\n";
        RawClient client = attacker().send("GET /b HTTP/1.1\r\nHost: proxy\r\n\r\n" + request.substring(0, at));
        assertThat(client.response().status()).isEqualTo(200);
        client.send(request.substring(at));
        assertThat(client.response().status()).isEqualTo(400);
        assertThat(origin.asked()).containsExactly("GET /b");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 6, 7, 8, 10, 12, 15, 16, 17})
    void and_a_proper_one_in_pieces_is_none(int at) throws IOException {
        String request = "GET /a HTTP/1.1\r\nhost: proxy\r\n\r\n";
        RawClient client = attacker().send("GET /b HTTP/1.1\r\nHost: proxy\r\n\r\n" + request.substring(0, at));
        assertThat(client.response().status()).isEqualTo(200);
        assertThat(client.send(request.substring(at)).response().status()).isEqualTo(200);
    }
}
