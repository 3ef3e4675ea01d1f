package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An error that one client provokes is nobody else's, and does not outlive its cause. */
class ErrorPoisoningTest extends Attack {
    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 406, 408, 413, 416, 417, 422, 429, 431, 500, 502, 503, 504})
    void an_error_without_explicit_freshness_is_not_kept(int status) throws IOException {
        origin.on("/a", "HTTP/1.1 " + status + " No\r\nContent-Length: 0\r\n\r\n");
        assertThat(ask(get("/a", "X-Meta: \"<'")).status()).isEqualTo(status);
        origin.on("/a", RecordingOrigin.ok("well"));
        assertThat(victim("/a").body()).isEqualTo("well");
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void a_5xx_of_the_origin_does_not_replace_a_usable_stale_response(int status) throws IOException {
        origin.on("/a", RecordingOrigin.ok("well", "Cache-Control: stale-if-error=600", "ETag: \"1\""));
        victim("/a");
        clock.advance(61);
        origin.on("/a", "HTTP/1.1 " + status + " No\r\nCache-Control: max-age=600\r\nContent-Length: 0\r\n\r\n");
        assertThat(victim("/a").body()).isEqualTo("well");
        origin.on("/a", RecordingOrigin.ok("better"));
        assertThat(victim("/a").body()).isEqualTo("better");
    }

    @Test
    void a_head_too_large_for_us_is_431_and_touches_nothing() throws IOException {
        String answer = attacker().send(get("/a", "X: " + "x".repeat(17 << 10))).untilClosed();
        assertThat(answer).startsWith("HTTP/1.1 431 ");
        assertIsAnErrorPage(answer);
        assertThat(victim("/a").body()).isEqualTo("GET /a");
        assertVictimUnharmed("GET /a");
    }

    @Test
    void a_target_too_large_for_us_is_414_and_touches_nothing() throws IOException {
        assertRefused(414, get("/" + "x".repeat(17 << 10)));
    }

    @Test
    void more_fields_than_we_take_are_431_and_touch_nothing() throws IOException {
        assertRefused(431, get("/a", "A:\r\n".repeat(200).strip().split("\r\n")));
    }

    @Test
    void a_client_that_breaks_off_does_not_make_the_origin_look_broken() throws IOException {
        origin.on("/a", RecordingOrigin.ok("well", "Cache-Control: stale-if-error=600", "ETag: \"1\""));
        victim("/a");
        clock.advance(61);
        attacker()
                .send("GET /a HTTP/1.1\r\nHost: proxy\r\nContent-Length: 9\r\n\r\nhalf")
                .close();
        origin.on("/a", RecordingOrigin.ok("better"));
        assertThat(victim("/a").body()).isEqualTo("better");
    }

    @Test
    void an_unreachable_origin_is_a_502_that_is_not_kept() throws IOException {
        origin.on("/a", (request, connection) -> connection.close());
        Message response = victim("/a");
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.field("Cache-Control")).isEqualTo("no-store");
        origin.on("/a", RecordingOrigin.ok("well"));
        assertThat(victim("/a").body()).isEqualTo("well");
    }
}
