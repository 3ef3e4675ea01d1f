package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An origin that sends each request back to the proxy that it came from. */
class LoopTest extends Attack {
    @BeforeEach
    void back() {
        origin.on("/a", (request, connection) -> {
            Message answer = ask(request.head() + "\r\n\r\n" + request.body());
            connection.send(
                    answer.head().replaceAll("\r\nTransfer-Encoding: chunked", "") + "\r\n\r\n" + answer.body());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "OPTIONS"})
    void a_request_that_comes_back_is_refused_with_508(String method) throws IOException {
        Message response = ask(method + " /a HTTP/1.1\r\nHost: proxy\r\nContent-Length: 0\r\n\r\n");
        assertThat(response.status()).isEqualTo(508);
        assertThat(response.field("Cache-Status")).contains("detail=loop");
        assertThat(origin.requests()).hasSize(1);
        assertThat(victim("/b").status()).isEqualTo(200);
    }

    @Test
    void connection_does_not_take_via_away() throws IOException {
        assertThat(ask(get("/a", "Connection: Via", "Via: 1.1 other")).status()).isEqualTo(400);
        assertThat(origin.requests()).isEmpty();
    }
}
