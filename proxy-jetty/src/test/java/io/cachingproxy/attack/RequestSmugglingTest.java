package io.cachingproxy.attack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No two parties on the way disagree where a request ends. */
class RequestSmugglingTest extends Attack {
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: proxy\r\n\r\n";

    private static String post(String fields, String body) {
        return "POST /a HTTP/1.1\r\nHost: proxy\r\n" + fields + "\r\n" + body;
    }

    @Test
    void content_length_before_transfer_encoding_is_refused() throws IOException {
        assertRefused(400, post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + SMUGGLED));
    }

    @Test
    void transfer_encoding_before_content_length_is_refused() throws IOException {
        assertRefused(400, post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\n" + SMUGGLED));
    }

    @Test
    void a_get_with_both_lengths_is_refused() throws IOException {
        assertRefused(
                400,
                "GET /a HTTP/1.1\r\nHost: proxy\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: xchunked\r\n",
                "Transfer-Encoding: identity\r\n",
                "Transfer-Encoding: chunked, identity\r\n",
                "Transfer-Encoding: chunked, gzip\r\n",
                "Transfer-Encoding: gzip\r\n",
                "Transfer-Encoding: gzip, chunked\r\n",
                "Transfer-Encoding: chunked, chunked\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
                "Transfer-Encoding: \"chunked\"\r\n",
                "Transfer-Encoding: chunked;q=1\r\n",
                "Transfer-Encoding: \u000bchunked\r\n",
                "Transfer-Encoding: chunked\u0000\r\n",
                "Transfer-Encoding : chunked\r\n",
                " Transfer-Encoding: chunked\r\n",
                "Transfer-Encoding:\r\n",
                "Transfer-Encoding: \r\n chunked\r\n",
                "X: y\nTransfer-Encoding: chunked\r\n",
                "Transfer\u0000-Encoding: chunked\r\n",
                "Transfer-Encoding\r\n"
            })
    void an_unknown_obfuscated_or_non_final_coding_is_refused(String coding) throws IOException {
        assertRefused(400, post(coding, "0\r\n\r\n" + SMUGGLED));
    }

    @Test
    void a_disguised_coding_beside_a_length_is_refused() throws IOException {
        assertRefused(400, post("Content-Length: 5\r\nTransfer-Encoding:\tchunked\r\n", "0\r\n\r\n" + SMUGGLED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Connection: keep-alive\r\n"})
    void a_coding_in_http_1_0_is_refused(String connection) throws IOException {
        String answer = attacker()
                .send("POST /a HTTP/1.0\r\nHost: proxy\r\n" + connection + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                        + SMUGGLED)
                .untilClosed();
        assertThat(answer).startsWith("HTTP/1.1 400 ").doesNotContain("smuggled");
        assertVictimUnharmed();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nContent-Length: 6\r\n",
                "Content-Length: 5\r\nContent-Length: 5\r\n",
                "Content-Length: 5, 6\r\n",
                "Content-Length: +5\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: 0x5\r\n",
                "Content-Length: 5 5\r\n",
                "Content-Length: 5;\r\n",
                "Content-Length: 5.0\r\n",
                "Content-Length: \r\n",
                "Content-Length: ten\r\n",
                "Content-Length: 18446744073709551621\r\n",
                "Content-Length: 5\u0000\r\n",
                "Content-Length : 5\r\n",
                " Content-Length: 5\r\n",
                "X: y\nContent-Length: 5\r\n",
                "X: y\r\n\tContent-Length: 5\r\n"
            })
    void a_length_that_is_not_one_number_is_refused(String length) throws IOException {
        assertRefused(400, post(length, "GET /" + SMUGGLED));
    }

    @Test
    void content_without_a_length_is_a_request_of_its_own() throws IOException {
        RawClient attacker = attacker().send(post("", SMUGGLED));
        assertThat(attacker.response().body()).isEqualTo("POST /a");
        assertThat(attacker.response().body()).isEqualTo("GET /smuggled");
        assertVictimUnharmed("POST /a", "GET /smuggled");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\n",
                "-5\r\n",
                "+5\r\n",
                "0x5\r\n",
                "5 5\r\n",
                "ffffffffffffffff5\r\n",
                "5\u0000\r\n",
                "5\n",
                "\r\n",
                "5\rX\r\n"
            })
    void a_chunk_size_that_is_not_one_is_refused(String size) throws IOException {
        String answer = attacker()
                .send(post("Transfer-Encoding: chunked\r\n", size + "hello\r\n0\r\n\r\n" + SMUGGLED))
                .untilClosed();
        assertThat(answer).startsWith("HTTP/1.1 400 ");
        assertNothingSmuggled();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello0\r\n\r\n"})
    void a_chunk_that_is_not_as_long_as_it_says_is_refused(String chunks) throws IOException {
        String answer = attacker()
                .send(post("Transfer-Encoding: chunked\r\n", chunks + SMUGGLED))
                .untilClosed();
        assertThat(answer).startsWith("HTTP/1.1 400 ");
        assertNothingSmuggled();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5;a=b\r\n", "5;a=\"b;c\"\r\n", "5 ; a\r\n"})
    void chunk_extensions_go_no_further(String size) throws IOException {
        RawClient attacker = attacker().send(post("Transfer-Encoding: chunked\r\n", size + "hello\r\n0\r\n\r\n"));
        if (attacker.response().status() == 200) {
            assertThat(origin.last().body()).isEqualTo("hello");
        }
        assertNothingSmuggled();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5;\n", "5;a\nb\r\n", "5;a=\"\n\"\r\n", "5;a\rb\r\n"})
    void line_ends_within_a_chunk_extension_are_refused(String size) throws IOException {
        String answer = attacker()
                .send(post("Transfer-Encoding: chunked\r\n", size + "hello\r\n0\r\n\r\n" + SMUGGLED))
                .untilClosed();
        assertThat(answer).startsWith("HTTP/1.1 400 ");
        assertNothingSmuggled();
    }

    @Test
    void trailers_of_a_request_do_not_become_headers() throws IOException {
        RawClient attacker = attacker();
        attacker.send(post(
                "Transfer-Encoding: chunked\r\n", "0\r\nHost: evil\r\nContent-Length: 99\r\nX-Trailer: x\r\n\r\n"));
        assertThat(attacker.response().status()).isEqualTo(200);
        assertThat(origin.last().all("Host")).hasSize(1).doesNotContain("evil");
        assertThat(origin.last().all("Content-Length")).doesNotContain("99");
        assertVictimUnharmed("POST /a");
    }

    @Test
    void content_that_breaks_off_does_not_take_the_next_request_for_its_rest() throws IOException {
        attacker().send(post("Content-Length: 50\r\n", "half")).close();
        Message response = victim("/victim");
        assertThat(response.body()).isEqualTo("GET /victim");
        assertThat(origin.asked()).contains("GET /victim").doesNotContain("GET /smuggled");
    }

    @Test
    void content_that_nobody_reads_is_not_taken_for_a_request() throws IOException {
        String trace = "TRACE /a HTTP/1.1\r\nHost: proxy\r\nContent-Length: " + SMUGGLED.length() + "\r\n\r\n";
        String answer = attacker().send(trace + SMUGGLED).end().untilClosed();
        assertThat(answer).startsWith("HTTP/1.1 501 ");
        assertThat(answer.indexOf("HTTP/1.1 ", 1)).isNegative();
        assertVictimUnharmed();
    }

    /** The origin may have seen the beginning of a request that turned out to be malformed; nothing hides in it. */
    private void assertNothingSmuggled() throws IOException {
        Message response = victim("/victim");
        assertThat(response.body()).isEqualTo("GET /victim");
        assertThat(origin.asked()).containsOnlyOnce("GET /victim").isSubsetOf("POST /a", "GET /victim");
    }
}
