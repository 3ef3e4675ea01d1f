package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request whose lines can be read in two ways is not read at all. */
class HeaderSyntaxTest extends Attack {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "X: a\n",
                "X: a\nY: b\r\n",
                "X: a\r\n b\r\n",
                "X: a\r\n\tb\r\n",
                "X: a\u0000b\r\n",
                "X: a\u0001b\r\n",
                "X: a\u000bb\r\n",
                "X: a\u001bb\r\n",
                "X: a\u007fb\r\n",
                "X: a\rb\r\n",
                "X\u0000: a\r\n",
                "X y: a\r\n",
                "X(: a\r\n",
                "X : a\r\n",
                ": a\r\n",
                "X\r\n",
                "\u00e9: a\r\n"
            })
    void bare_line_feeds_folds_nul_and_control_bytes_in_fields_are_refused(String line) throws IOException {
        assertRefused(400, "GET /a HTTP/1.1\r\nHost: proxy\r\n" + line + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a HTTP/1.1\nHost: proxy\r\n\r\n",
                "GET /a HTTP/1.1\r\nHost: proxy\n\n",
                "GET /a HTTP/1.1\r\nHost: proxy\r\n\n",
                "GET /a\u0000b HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET /a\u0001b HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET /a\tb HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET /a b HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET /a?\u00ff HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET /a\u00ff HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET a HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET /a#b HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET * HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "G<T /a HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GE\u0000T /a HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "G\u00c9T /a HTTP/1.1\r\nHost: proxy\r\n\r\n",
                "GET /a HTTP/1.1 \r\nHost: proxy\r\n\r\n",
                "GET /a HTTP/1.1\rX\r\nHost: proxy\r\n\r\n"
            })
    void a_malformed_request_line_is_refused(String request) throws IOException {
        assertRefused(400, request);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET  HTTP/1.1\r\nHost: proxy\r\n\r\n", "GET /a\r\nHost: proxy\r\n\r\n"})
    void a_request_line_without_a_version_is_refused(String request) throws IOException {
        assertRefused(505, request);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9", "HTTQ/1.1"})
    void another_version_is_refused(String version) throws IOException {
        String answer =
                attacker().send("GET /a " + version + "\r\nHost: proxy\r\n\r\n").untilClosed();
        assertThat(answer).matches("(?s)HTTP/1\\.1 (400|426|505) .*");
        assertVictimUnharmed();
    }

    @Test
    void line_ends_percent_encoded_in_a_target_stay_encoded() throws IOException {
        assertThat(ask(get("/a%0d%0aX:%20y%0d%0a%0d%0aGET%20/smuggled")).status())
                .isEqualTo(200);
        assertVictimUnharmed("GET /a%0d%0aX:%20y%0d%0a%0d%0aGET%20/smuggled");
    }
}
