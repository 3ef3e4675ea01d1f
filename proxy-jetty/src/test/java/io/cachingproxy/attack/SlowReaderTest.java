package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Honest clients that take their time are not cut off, nor is the origin blamed for them. */
class SlowReaderTest extends Attack {
    private static final int LARGE = 8 << 20;

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.originIdleTimeout(Duration.ofSeconds(1)).limits(Limits.DEFAULT.withIdle(Duration.ofSeconds(2)));
    }

    /** For longer than the origin may be silent, or a connection idle: only time itself can show this. */
    private static void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-store", "max-age=60"})
    void who_takes_nothing_of_a_response_for_a_while_gets_all_of_it(String control) throws IOException {
        String body = "x".repeat(LARGE);
        origin.on(
                "/a",
                (request, connection) -> connection.send("HTTP/1.1 200 OK\r\nCache-Control: " + control
                        + "\r\nContent-Length: " + LARGE + "\r\n\r\n" + body));
        if (control.startsWith("max-age")) {
            assertThat(victim("/a").body()).hasSize(LARGE);
        }
        RawClient slow = attacker().send(get("/a"));
        pause(3200);
        assertThat(slow.response().body()).hasSize(LARGE);
    }

    @Test
    void who_sends_nothing_of_a_request_for_a_while_is_answered() throws IOException {
        RawClient slow = attacker().send("POST /a HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2\r\n\r\nx");
        pause(1500);
        assertThat(slow.send("x").response().status()).isEqualTo(200);
    }
}
