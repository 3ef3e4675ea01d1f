package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Target;
import io.cachingproxy.key.CacheKey;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Much of something gets nobody more than a bounded share. */
class FloodTest extends Attack {
    private static String ranges(int count) {
        StringBuilder ranges = new StringBuilder("Range: bytes=0-0");
        for (int i = 1; i < count; i++) {
            ranges.append(',').append(2 * i).append('-').append(2 * i);
        }
        return ranges.toString();
    }

    @Test
    void sixteen_ranges_are_honoured_and_one_more_gets_the_whole() throws IOException {
        origin.on("/a", RecordingOrigin.ok("0123456789".repeat(10)));
        victim("/a");
        assertThat(ask(get("/a", ranges(16))).status()).isEqualTo(206);
        Message whole = ask(get("/a", ranges(17)));
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.body()).hasSize(100);
        assertThat(origin.requests()).hasSize(1);
    }

    @Test
    void the_same_range_a_thousand_times_gets_no_more_than_the_whole() throws IOException {
        origin.on("/a", RecordingOrigin.ok("0123456789".repeat(10)));
        victim("/a");
        Message response = ask(get("/a", "Range: bytes=" + "0-,".repeat(1000) + "0-"));
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).hasSize(100);
    }

    private static String part(String range, String body) {
        return "HTTP/1.1 206 Partial Content\r\nCache-Control: max-age=60\r\nETag: \"1\"\r\nContent-Range: bytes "
                + range + "/5\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    @Test
    void a_part_never_answers_for_the_whole() throws IOException {
        origin.on(
                "/a",
                (request, connection) -> connection.send(
                        switch (request.field("Range")) {
                            case "bytes=0-1" -> part("0-1", "wh");
                            case "bytes=2-" -> part("2-4", "ole");
                            default -> RecordingOrigin.ok("whole", "ETag: \"1\"");
                        }));
        assertThat(ask(get("/a", "Range: bytes=0-1")).body()).isEqualTo("wh");
        assertThat(victim("/a").body()).isEqualTo("whole");
    }

    @Test
    void the_variants_of_a_key_are_capped() throws IOException {
        origin.on(
                "/a",
                (request, connection) ->
                        connection.send(RecordingOrigin.ok("a" + request.field("X-Flood"), "Vary: X-Flood")));
        RawClient attacker = attacker();
        for (int i = 0; i < 200; i++) {
            attacker.send(get("/a", "X-Flood: " + i)).response();
        }
        Target target = new Target("http", origin.uri().getAuthority(), "/a");
        assertThat(store.find(CacheKey.ofGet(target)).toCompletableFuture().join())
                .hasSizeLessThanOrEqualTo(64);
        assertThat(ask(get("/a", "X-Flood: 199")).field("X-Cache")).isEqualTo("HIT");
    }

    @Test
    void vary_star_is_never_reused() throws IOException {
        origin.on("/a", RecordingOrigin.ok("a", "Vary: *"));
        victim("/a");
        assertThat(victim("/a").field("X-Cache")).isEqualTo("MISS");
    }

    @Test
    void ten_interim_responses_are_relayed_and_no_more() throws IOException {
        String hint = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
        origin.on("/a", hint.repeat(2000) + RecordingOrigin.ok("a"));
        RawClient client = attacker().send(get("/a"));
        Message response = client.response();
        int interims = 0;
        while (response.status() == 103) {
            interims++;
            response = client.response();
        }
        assertThat(interims).isEqualTo(10);
        assertThat(response.body()).isEqualTo("a");
        assertVictimUnharmed("GET /a");
    }

    @Test
    void a_thousand_pipelined_requests_get_a_thousand_answers_in_order() throws IOException {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            requests.append(get("/" + i % 10));
        }
        RawClient client = attacker().send(requests.toString());
        for (int i = 0; i < 1000; i++) {
            assertThat(client.response().body()).isEqualTo("GET /" + i % 10);
        }
        assertThat(origin.requests()).hasSize(10);
    }
}
