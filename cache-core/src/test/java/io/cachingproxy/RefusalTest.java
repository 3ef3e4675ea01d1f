package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Messages.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalTest {
    private static int status(Request request) {
        Refusal refusal = Refusal.of(request.head());
        return refusal == null ? 0 : refusal.status();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "QUERY", "PURGE", "x-unknown", "trace"})
    void any_other_method_is_forwarded(String method) {
        assertThat(status(request(method))).isZero();
    }

    // RFC 9110 §9.3.6, §9.3.8
    @ParameterizedTest
    @ValueSource(strings = {"CONNECT", "TRACE"})
    void connect_and_trace_are_not_implemented(String method) {
        assertThat(status(request(method))).isEqualTo(501);
    }

    // RFC 9110 §9.1
    @ParameterizedTest
    @ValueSource(strings = {"", "G ET", "GET\n", "GÉT", "GET,"})
    void a_method_that_is_no_token_is_a_bad_request(String method) {
        assertThat(status(request(method))).isEqualTo(400);
    }

    // RFC 9110 §7.6.1
    @ParameterizedTest
    @ValueSource(strings = {"Host", "content-length", "AUTHORIZATION", "Cookie", "Cache-Control", "Range"})
    void connection_must_not_take_away_what_the_message_means(String name) {
        assertThat(status(get().header("Connection", "close, " + name))).isEqualTo(400);
        assertThat(status(get().header("Connection", "close").header("connection", name)))
                .isEqualTo(400);
    }

    // RFC 9110 §7.6.1: nor what selects the response, or the part of it
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin",
                "Accept",
                "Accept-Language",
                "accept-encoding",
                "User-Agent",
                "If-None-Match",
                "If-Range",
                "X-Forwarded-Host"
            })
    void connection_must_not_take_away_what_is_for_all_recipients(String name) {
        assertThat(status(get().header("Connection", name).header(name, "x"))).isEqualTo(400);
    }

    @Test
    void connection_may_name_anything_else() {
        assertThat(status(get().header("Connection", "keep-alive, X-Host, TE"))).isZero();
    }

    @Test
    void web_sockets_are_not_implemented() {
        assertThat(status(get().header("Connection", "Upgrade").header("Upgrade", "WebSocket")))
                .isEqualTo(501);
        assertThat(status(get().header("Connection", "Upgrade").header("Upgrade", "h2c")))
                .isZero();
    }
}
