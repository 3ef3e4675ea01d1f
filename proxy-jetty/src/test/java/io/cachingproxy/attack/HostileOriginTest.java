package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An origin that breaks the protocol is a 502, and nothing of what it said is kept or given to others. */
class HostileOriginTest extends Attack {
    private static final String POISON =
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 6\r\n\r\npoison";

    private void assertBadGateway(String response) throws IOException {
        origin.onceAndClose("/a", response);
        Message answer = victim("/a");
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.field("Cache-Control")).isEqualTo("no-store");
        origin.on("/a", RecordingOrigin.ok("well"));
        Message next = victim("/a");
        assertThat(next.body()).isEqualTo("well");
        assertThat(next.field("X-Cache")).isEqualTo("MISS");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X: a\n",
                "X: a\nY: b\r\n",
                "X: a\r\n b\r\n",
                "X: a\r\n\tb\r\n",
                "X: a\u0000b\r\n",
                "X: a\u0001b\r\n",
                "X: a\u007fb\r\n",
                "X: a\rb\r\n",
                "X\u0000: a\r\n",
                "X y: a\r\n",
                "X : a\r\n",
                ": a\r\n",
                "X\r\n"
            })
    void bare_line_feeds_folds_nul_and_control_bytes_in_fields_are_a_502(String line) throws IOException {
        assertBadGateway("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + line + "Content-Length: 1\r\n\r\na");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 20 OK\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 abc OK\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 099 OK\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1\r\nContent-Length: 1\r\n\r\na",
                "HTTP/3.0 200 OK\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 1000 OK\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 000 OK\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 -20 OK\r\nContent-Length: 1\r\n\r\na",
                "ICY 200 OK\r\nContent-Length: 1\r\n\r\na",
                "GET / HTTP/1.1\r\n\r\n",
                "\r\n\r\n",
                "garbage",
                ""
            })
    void a_malformed_status_line_is_a_502(String response) throws IOException {
        assertBadGateway(response);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
                "Content-Length: 1\r\nContent-Length: 2\r\n",
                "Content-Length: 1, 2\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: +1\r\n",
                "Content-Length: x\r\n",
                "Content-Length: 18446744073709551617\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding: chunked, gzip\r\n",
                "Transfer-Encoding: identity\r\n",
                "Transfer-Encoding: gzip\r\n",
                "Transfer-Encoding: xchunked\r\n"
            })
    void ambiguous_framing_is_a_502(String framing) throws IOException {
        assertBadGateway("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + framing + "\r\n1\r\na\r\n0\r\n\r\n");
    }

    @Test
    void chunks_in_http_1_0_are_a_502() throws IOException {
        assertBadGateway("HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\nConnection: keep-alive\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
    }

    @Test
    void a_status_without_a_class_is_relayed_and_not_stored() throws IOException {
        origin.on("/a", "HTTP/1.1 999 Odd\r\nContent-Length: 1\r\n\r\na");
        assertThat(victim("/a").status()).isEqualTo(999);
        origin.on("/a", RecordingOrigin.ok("well"));
        assertThat(victim("/a").body()).isEqualTo("well");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 10, 30})
    void interim_responses_are_no_fault(int interims) throws IOException {
        origin.on("/a", "HTTP/1.1 100 Continue\r\n\r\n".repeat(interims) + RecordingOrigin.ok("well"));
        assertThat(victim("/a").body()).isEqualTo("well");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hello"})
    void a_204_with_a_length_ends_and_tells_no_length(String body) throws IOException {
        origin.on("/a", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n" + body);
        for (int i = 0; i < 3; i++) {
            Message answer = victim("/a");
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.field("Content-Length")).isEmpty();
        }
        assertThat(victim("/b").body()).isEqualTo("GET /b");
    }

    // RFC 9110 §15.3.6
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\n\r\nhello",
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "Content-Length: 0\r\n\r\n"
            })
    void the_content_of_a_205_is_dropped(String framed) throws IOException {
        origin.on("/a", "HTTP/1.1 205 Reset Content\r\nCache-Control: max-age=60\r\n" + framed);
        origin.on("/b", "HTTP/1.1 205 Reset Content\r\nCache-Control: no-store\r\n" + framed);
        RawClient client = attacker();
        for (String target : new String[] {"/a", "/a", "/b", "/b"}) {
            Message answer = client.send(get(target)).response();
            assertThat(answer.status()).isEqualTo(205);
            assertThat(answer.field("Content-Length")).isEqualTo("0");
            assertThat(answer.body()).isEmpty();
        }
        assertThat(client.send(get("/c")).response().body()).isEqualTo("GET /c");
    }

    @Test
    void a_304_with_a_length_ends() throws IOException {
        origin.on("/a", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
        assertThat(ask(get("/a", "If-None-Match: \"1\"")).status()).isEqualTo(304);
    }

    private void assertTrailersRefused(String trailers) throws IOException {
        origin.on(
                "/a",
                "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "5\r\nhello\r\n0\r\n" + trailers + "\r\n");
        assertThat(attacker().send(get("/a", "Connection: close")).untilClosed())
                .matches("(?s)HTTP/1\\.1 (200|502) .*")
                .doesNotContain("\r\n0\r\n");
        origin.on("/a", RecordingOrigin.ok("well"));
        Message next = victim("/a");
        assertThat(next.body()).isEqualTo("well");
        assertThat(next.field("X-Cache")).isEqualTo("MISS");
    }

    @Test
    void more_trailers_than_we_take_break_the_response_off() throws IOException {
        assertTrailersRefused("A: b\r\n".repeat(201));
    }

    @Test
    void trailers_larger_than_we_take_break_the_response_off() throws IOException {
        assertTrailersRefused("X: " + "x".repeat(70_000) + "\r\n");
    }

    @Test
    void a_chunk_is_passed_on_before_the_next_one_and_its_own_line_end_come() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        origin.on("/a", (request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello");
            seen.await();
            connection.send("\r\n0\r\n\r\n");
        });
        RawClient client = attacker().send(get("/a"));
        client.until("hello");
        seen.countDown();
        client.until("0\r\n\r\n");
    }

    @Test
    void headers_larger_than_we_take_are_a_502() throws IOException {
        assertBadGateway(RecordingOrigin.ok("a", "X: " + "x".repeat(70_000)));
    }

    @Test
    void one_megabyte_of_headers_is_a_502() throws IOException {
        assertBadGateway(
                RecordingOrigin.ok("a", "X: x\r\n".repeat(174_000).strip().split("\r\n")));
    }

    @Test
    void more_headers_than_we_take_are_a_502() throws IOException {
        assertBadGateway(RecordingOrigin.ok("a", "A: b\r\n".repeat(201).strip().split("\r\n")));
    }

    @Test
    void headers_that_a_304_makes_too_many_are_not_kept() throws IOException {
        origin.on("/a", RecordingOrigin.ok("a", "ETag: \"1\""));
        victim("/a");
        for (int round = 0; round < 5; round++) {
            clock.advance(61);
            StringBuilder fields = new StringBuilder();
            for (int i = 0; i < 90; i++) {
                fields.append("X-").append(round).append('-').append(i).append(": x\r\n");
            }
            origin.on(
                    "/a",
                    "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nCache-Control: max-age=60\r\n" + fields + "\r\n");
            victim("/a");
        }
        origin.on("/a", RecordingOrigin.ok("a", "ETag: \"1\""));
        assertThat(victim("/a").head().lines().count()).isLessThan(220);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 100\r\n\r\nhalf",
                "Transfer-Encoding: chunked\r\n\r\n64\r\nhalf",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
                "Transfer-Encoding: chunked\r\n\r\n4\r\nhalfX\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n4\nhalf\r\n0\r\n\r\n"
            })
    void a_body_that_does_not_end_as_framed_is_not_kept_and_does_not_end_well(String rest) throws IOException {
        origin.onceAndClose("/a", "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n" + rest);
        String answer = attacker().send(get("/a", "Connection: close")).untilClosed();
        assertThat(answer).matches("(?s)HTTP/1\\.1 (200|502) .*");
        assertThat(answer).doesNotEndWith("0\r\n\r\n");
        origin.on("/a", RecordingOrigin.ok("well"));
        Message next = victim("/a");
        assertThat(next.body()).isEqualTo("well");
        assertThat(next.field("X-Cache")).isEqualTo("MISS");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 1\r\n\r\na",
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\n\r\n"
            })
    void bytes_after_a_response_are_not_the_answer_to_the_next_request(String response) throws IOException {
        origin.on("/a", response + POISON);
        victim("/a");
        for (int i = 0; i < 5; i++) {
            assertThat(victim("/b" + i).body()).isEqualTo("GET /b" + i);
        }
    }

    @Test
    void content_after_a_head_response_is_not_the_answer_to_the_next_request() throws IOException {
        origin.on("/a", POISON);
        attacker().send(request("HEAD", "/a")).responseToHead();
        for (int i = 0; i < 5; i++) {
            assertThat(victim("/b" + i).body()).isEqualTo("GET /b" + i);
        }
    }

    @Test
    void a_response_nobody_asked_for_is_not_the_answer_to_the_next_request() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        origin.on("/a", (request, connection) -> {
            connection.send(RecordingOrigin.ok("a"));
            connection.send(POISON);
            sent.countDown();
        });
        victim("/a");
        sent.await();
        for (int i = 0; i < 5; i++) {
            assertThat(victim("/b" + i).body()).isEqualTo("GET /b" + i);
        }
    }
}
