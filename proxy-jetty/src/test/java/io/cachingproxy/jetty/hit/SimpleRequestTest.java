package io.cachingproxy.jetty.hit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read without Jetty, and what is left to it. */
class SimpleRequestTest {
    private static final int LONGEST = 8 << 10;
    private static final int LINES = 20;
    private static final String GOOD =
            "GET /a/b;v=1/%C3%a9?q=1&r[]=%2e HTTP/1.1\r\nHost: proxy:8000\r\nAccept:  */*, a \r\nX:\r\n\r\n";

    private static @Nullable SimpleRequest read(String bytes, int longest, int lines) {
        return SimpleRequest.read(ByteBuffer.wrap(bytes.getBytes(ISO_8859_1)), longest, lines);
    }

    private static @Nullable SimpleRequest read(String bytes) {
        return read(bytes, LONGEST, LINES);
    }

    private static void assertRead(String bytes) {
        assertThat(read(bytes)).isNotNull().extracting(SimpleRequest::end).isEqualTo(bytes.length());
    }

    private static void assertLeft(String bytes) {
        assertThat(read(bytes)).isNull();
    }

    private static String withLine(String line) {
        return "GET /a HTTP/1.1\r\nHost: proxy\r\n" + line + "\r\n\r\n";
    }

    private static String withTarget(String target) {
        return "GET " + target + " HTTP/1.1\r\nHost: proxy\r\n\r\n";
    }

    @Test
    void method_target_and_fields_are_read_as_they_were_written() {
        assertThat(read(GOOD.replace(";v=1", "")))
                .isEqualTo(new SimpleRequest(
                        "GET",
                        "/a/b/%C3%a9?q=1&r[]=%2e",
                        "proxy:8000",
                        Headers.of("Host", "proxy:8000", "Accept", "*/*, a", "X", ""),
                        false,
                        0,
                        GOOD.length() - ";v=1".length()));
        assertThat(read("HEAD / HTTP/1.1\r\nhOST:p\r\n\r\n"))
                .isEqualTo(new SimpleRequest("HEAD", "/", "p", Headers.of("hOST", "p"), false, 0, 27));
    }

    @Test
    void of_http_1_0_only_what_keeps_the_connection_is_read() {
        String request = "GET /a HTTP/1.0\r\nHost: p\r\nCONNECTION: Keep-Alive\r\n\r\n";
        assertThat(read(request)).isNotNull().extracting(SimpleRequest::http10).isEqualTo(true);
        assertLeft(request.replace("Keep-Alive", "close"));
        assertLeft(request.replace("CONNECTION", "X"));
        assertLeft(request.replace("1.0", "1.2"));
    }

    @Test
    void nothing_is_read_before_the_last_byte_is_there() {
        String request = GOOD.replace(";v=1", "");
        for (int length = 0; length < request.length(); length++) {
            assertLeft(request.substring(0, length));
        }
        assertRead(request);
    }

    @Test
    void the_next_request_begins_where_this_one_ends() {
        String first = withTarget("/a");
        ByteBuffer both = ByteBuffer.wrap((first + withTarget("/b") + "GET ").getBytes(ISO_8859_1));
        SimpleRequest one = SimpleRequest.read(both, LONGEST, LINES);
        assertThat(one).isNotNull();
        assertThat(one.end()).isEqualTo(first.length());
        assertThat(both.position()).isZero();
        SimpleRequest two = SimpleRequest.read(both.position(one.end()), LONGEST, LINES);
        assertThat(two).isNotNull();
        assertThat(two.target()).isEqualTo("/b");
        assertThat(two.end()).isEqualTo(2 * first.length());
        assertThat(SimpleRequest.read(both.position(two.end()), LONGEST, LINES)).isNull();
    }

    @Test
    void a_request_of_the_longest_length_is_read_and_none_that_is_longer() {
        String request = withLine("X: y");
        assertThat(read(request, request.length(), LINES)).isNotNull();
        assertThat(read(request, request.length() - 1, LINES)).isNull();
        assertThat(read(request + request, request.length(), LINES)).isNotNull();
    }

    @Test
    void as_many_lines_are_read_as_there_may_be_and_no_more() {
        assertThat(read(withLine("X: y"), LONGEST, 2)).isNotNull();
        assertThat(read(withLine("X: y"), LONGEST, 1)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TE: trailers",
                "Expect: 100-continue",
                "Upgrade: h2c",
                "Trailer: X",
                "Connection: close",
                "Connection: Upgrade",
                "Connection: keep-alive, TE",
                "Connection:",
                "Content-Length: 0",
                "Content-Length: 5",
                "HTTP2-Settings: AAMAAABkAAQAAP__",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding:"
            })
    void fields_that_concern_the_connection_or_announce_content_are_left_in_any_spelling(String line) {
        assertLeft(withLine(line));
        int colon = line.indexOf(':');
        assertLeft(withLine(line.substring(0, colon).toLowerCase(java.util.Locale.ROOT) + line.substring(colon)));
        assertLeft(withLine(line.substring(0, colon).toUpperCase(java.util.Locale.ROOT) + line.substring(colon)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
    void content_that_came_with_its_head_is_read_with_it(String method) {
        String head = method + " /a HTTP/1.1\r\nHost: p\r\nContent-Length: 4\r\n\r\n";
        ByteBuffer bytes = ByteBuffer.wrap((head + "a\r\n\0GET ").getBytes(ISO_8859_1));
        SimpleRequest request = SimpleRequest.read(bytes, LONGEST, LINES);
        assertThat(request).isNotNull();
        assertThat(request.method()).isEqualTo(method);
        assertThat(request.end()).isEqualTo(head.length() + 4);
        assertThat(ISO_8859_1.decode(request.content(bytes)).toString()).isEqualTo("a\r\n\0");
        assertThat(bytes.position()).isZero();
        assertRead(method + " /a HTTP/1.1\r\nHost: p\r\n\r\n");
        assertRead(method + " /a HTTP/1.1\r\nHost: p\r\nContent-Length: 0\r\n\r\n");
        for (int length = 0; length < 4; length++) {
            assertLeft(head + "abcd".substring(0, length));
        }
    }

    @Test
    void content_does_not_count_towards_the_length_of_the_head() {
        String head = "POST /a HTTP/1.1\r\nHost: p\r\nContent-Length: 9\r\n\r\n";
        assertThat(read(head + "abcdefghi", head.length(), LINES)).isNotNull();
        assertThat(read(head + "abcdefghi", head.length() - 1, LINES)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: +1",
                "Content-Length: -1",
                "Content-Length: 01",
                "Content-Length: 00",
                "Content-Length: 1,1",
                "Content-Length: 1 1",
                "Content-Length:\t1",
                "Content-Length: 0x1",
                "Content-Length: 1.0",
                "Content-Length: 1e0",
                "Content-Length:",
                "Content-Length: 4294967297",
                "Content-Length: 18446744073709551617",
                "Content-Length: 1\r\nContent-Length: 1",
                "Content-Length: 1\r\ncontent-length: 2",
                "Content-Length: 1\r\nTransfer-Encoding: chunked",
                "Transfer-Encoding: chunked",
                "Content-Length: 1\r\nExpect: 100-continue"
            })
    void content_whose_length_is_not_one_plain_number_is_left(String lines) {
        assertLeft("POST /a HTTP/1.1\r\nHost: p\r\n" + lines + "\r\n\r\n1\r\n\r\n0\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Connection: keep-alive", "connection:Keep-Alive ", "Keep-Alive: 5", "TEX: y", "Accept: a\u0020b"
            })
    void fields_that_only_resemble_those_are_read(String line) {
        assertRead(withLine(line));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Host:\r\n",
                "Host: \r\n",
                "Host: a\r\nHost: a\r\n",
                "Host: a\r\nhost: b\r\n",
                "Host: a,b\r\n",
                "Host: a b\r\n",
                "Host: user@a\r\n",
                "Host: a/b\r\n",
                "Host: [::1]\r\n",
                "Host: a_b\r\n",
                "Host: a%41\r\n",
                "Host: :80\r\n",
                "Host: a:\r\n",
                "Host: a:b\r\n",
                "Host: a:-1\r\n",
                "Host: a:0\r\n", // Jetty refuses it
                "Host: a:080\r\n",
                "Host: a:+1\r\n",
                "Host: a:65536\r\n",
                "Host: a:123456\r\n",
                "Host: a:80:80\r\n",
                "Host: \u00e9\r\n",
                "Host : a\r\n"
            })
    void a_request_without_one_plain_host_is_left(String host) {
        assertLeft("GET /a HTTP/1.1\r\n" + host + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "127.0.0.1", "a.example:1", "A-1.example:59999", "xn--9ca:443"})
    void a_name_or_an_address_with_a_port_or_without_is_read(String host) {
        assertRead("GET /a HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "*",
                "http://proxy/a",
                "//a",
                "/a//b",
                "/a//",
                "/.",
                "/..",
                "/a/../b",
                "/a/./b",
                "/.well-known",
                "/%2e",
                "/%2E%2e/a",
                "/a%2eb",
                "/a;v",
                "/a|b",
                "/a[b]",
                "/a%",
                "/a%4",
                "/a%4g",
                "/a%u0041",
                "/a%00", // Jetty refuses it
                "/a%0d%0a",
                "/a%1F",
                "/a#b",
                "/a?b#c",
                "/a\\b",
                "/a?b\\c",
                "/a\"b",
                "/a<b",
                "/a?^",
                "/a?`",
                "/a?{}",
                "/a\u0000",
                "/a\t",
                "/a b",
                "/a?b c",
                "/a\u007f",
                "/a\u0080",
                "/a?\u00ff",
                "/a\r",
                "/a\n"
            })
    void a_target_that_may_be_read_in_more_than_one_way_is_left(String target) {
        assertLeft(withTarget(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/?", "/a/", "/a..b", "/a.", "/a%2Fb", "/%C3%A9", "/a?//../%zz%2e|;[]", "/a:b@c"})
    void a_target_that_means_the_same_to_all_is_read(String target) {
        assertRead(withTarget(target));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X: a\nY: b",
                "X: a\r\n b",
                "X: a\r\n\tb",
                "X: a\tb",
                "X:\ta",
                "X: a\u0000",
                "X: a\u001b",
                "X: a\u007f",
                "X: a\u0080",
                "X: \u00e9",
                "X: a\rb",
                "X : a",
                " X: a",
                ": a",
                "X",
                "X(: a",
                "X y: a",
                "\u00e9: a"
            })
    void a_line_that_is_not_a_plain_field_is_left(String line) {
        assertLeft(withLine(line));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POSTS /a HTTP/1.1\r\nHost: a\r\n\r\n",
                "PURGE /a HTTP/1.1\r\nHost: a\r\n\r\n",
                "QUERY /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
                "post /a HTTP/1.1\r\nHost: a\r\n\r\n",
                "get /a HTTP/1.1\r\nHost: a\r\n\r\n",
                "GETX /a HTTP/1.1\r\nHost: a\r\n\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
                " GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
                "\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET  /a HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET\t/a HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /a  HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /a HTTP/1.1 \r\nHost: a\r\n\r\n",
                "GET /a HTTP/1.0\r\nHost: a\r\n\r\n",
                "GET /a HTTP/2.0\r\nHost: a\r\n\r\n",
                "GET /a http/1.1\r\nHost: a\r\n\r\n",
                "GET /a\r\nHost: a\r\n\r\n",
                "GET /a HTTP/1.1\nHost: a\r\n\r\n",
                "GET /a HTTP/1.1\r\nHost: a\n\r\n",
                "GET /a HTTP/1.1\r\nHost: a\r\n\n",
                "GET /a HTTP/1.1\r\nHost: a\r\n\rX",
                "GET /a HTTP/1.1\r\n Host: a\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            })
    void all_other_requests_are_left(String request) {
        assertLeft(request);
    }
}
