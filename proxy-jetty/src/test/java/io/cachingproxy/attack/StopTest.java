package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A stop ends within its grace, and never fails because of what clients hold on to. */
class StopTest extends Attack {
    private static final Duration GRACE = Duration.ofSeconds(1);

    @Test
    void an_idle_kept_connection_is_closed_and_not_waited_for() throws Exception {
        RawClient kept = attacker();
        assertThat(kept.send(get("/a")).response().status()).isEqualTo(200);
        assertThatCode(() -> proxy.stop(GRACE)).doesNotThrowAnyException();
        assertThat(kept.untilClosed()).isEmpty();
    }

    @Test
    void a_connection_that_never_asked_anything_is_closed() throws Exception {
        RawClient silent = attacker();
        assertThat(attacker().send(get("/a")).response().status()).isEqualTo(200);
        assertThatCode(() -> proxy.stop(GRACE)).doesNotThrowAnyException();
        assertThat(silent.untilClosed()).isEmpty();
    }

    @Test
    void a_request_that_takes_longer_than_the_grace_is_cut_off() throws Exception {
        RawClient slow = attacker();
        slow.send("POST /a HTTP/1.1\r\nHost: proxy\r\nContent-Length: 5\r\n\r\n1");
        slow.send("2");
        assertThat(attacker().send(get("/b")).response().status()).isEqualTo(200);
        assertThatCode(() -> proxy.stop(Duration.ofMillis(300))).doesNotThrowAnyException();
    }

    @Test
    void an_idle_http_2_connection_is_closed() throws Exception {
        try (Socket kept = new Socket("127.0.0.1", proxy.port())) {
            kept.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes());
            kept.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}); // SETTINGS
            assertThat(kept.getInputStream().read()).isNotNegative();
            assertThatCode(() -> proxy.stop(GRACE)).doesNotThrowAnyException();
        }
    }

    @Test
    void no_grace_is_no_failure() throws Exception {
        RawClient kept = attacker();
        assertThat(kept.send(get("/a")).response().status()).isEqualTo(200);
        assertThatCode(() -> proxy.stop(Duration.ZERO)).doesNotThrowAnyException();
    }
}
