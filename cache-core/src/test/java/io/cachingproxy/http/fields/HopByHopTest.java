package io.cachingproxy.http.fields;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HopByHopTest {
    // RFC 9110 §7.6.1, RFC 9111 §3.1
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection",
                "Proxy-Connection",
                "Keep-Alive",
                "TE",
                "Trailer",
                "Transfer-Encoding",
                "Upgrade",
                "HTTP2-Settings",
                "Proxy-Authenticate",
                "Proxy-Authentication-Info",
                "Proxy-Authorization",
                "kEEP-aLIVE"
            })
    void a_field_of_one_connection_goes_no_further(String name) {
        assertThat(HopByHop.strip(Headers.of("A", "1", name, "x", "B", "2"))).isEqualTo(Headers.of("A", "1", "B", "2"));
    }

    // RFC 9110 §7.6.1
    @Test
    void neither_do_those_that_connection_lists_on_any_of_its_lines() {
        Headers headers =
                Headers.of("Connection", "close, X-A", "x-a", "1", "X-B", "2", "connection", "x-b", "X-C", "3");
        assertThat(HopByHop.strip(headers)).isEqualTo(Headers.of("X-C", "3"));
    }

    // RFC 9110 §7.6.1: a sender must not list what is for all recipients
    @ParameterizedTest
    @ValueSource(strings = {"Cache-Control", "Vary", "Set-Cookie", "Origin", "ETag", "accept-language", "cookie"})
    void connection_takes_away_nothing_that_is_for_all_recipients(String name) {
        assertThat(HopByHop.strip(Headers.of("Connection", "close, " + name, name, "x")))
                .isEqualTo(Headers.of(name, "x"));
    }

    @Test
    void close_is_no_field() {
        assertThat(HopByHop.strip(Headers.of("Connection", "Close", "Close", "x")))
                .isEqualTo(Headers.of("Close", "x"));
    }

    @Test
    void everything_else_stays_as_it_was() {
        Headers headers = Headers.of("Warning", "1", "WWW-Authenticate", "Basic", "Via", "1.1 a");
        assertThat(HopByHop.strip(headers)).isEqualTo(headers);
    }
}
