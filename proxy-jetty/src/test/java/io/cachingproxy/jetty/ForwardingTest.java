package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.TestProxy;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What reaches the origin, what does not, and what the cache has to do with it. */
class ForwardingTest {
    private final RawOrigin origin = RawOrigin.answering(call -> {
        byte[] body = call.body();
        call.send(ok(call.head().startsWith("HEAD ") ? "" : call.line() + " " + new String(body), "X-A: 1", "x-b: 2"));
    });
    private final TestProxy proxy = TestProxy.of(origin);

    @AfterEach
    void stop() {
        proxy.close();
        origin.close();
    }

    private Reply send(String method, String target, String body, String... headerLines) {
        String head = request(method, target, headerLines);
        String length = "Content-Length: " + body.length() + "\r\n\r\n";
        return RawClient.ask(proxy.port(), head.substring(0, head.length() - 2) + length + body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "QUERY", "Frob", "get", "M-SEARCH"})
    void every_method_is_forwarded_with_its_body_and_headers(String method) {
        Reply reply = assertForwarded(send(method, "/x", "some body", "X-Custom: \"a, b\"", "Content-Type: text/odd"));
        assertThat(reply.text()).isEqualTo(method + " /x some body");
        assertThat(reply.header("X-A")).isEqualTo("1");
        assertThat(origin.lastHead())
                .startsWith(method + " /x HTTP/1.1\r\n")
                .contains("X-Custom: \"a, b\"\r\n", "Content-Type: text/odd\r\n", "Content-Length: 9\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "POST", "Frob"})
    void every_method_is_forwarded_without_a_body_too(String method) {
        assertThat(proxy.ask(method, "/x").status()).isEqualTo(200);
        assertThat(origin.lastHead()).startsWith(method + " /x HTTP/1.1\r\n").doesNotContain("Transfer-Encoding");
    }

    @Test
    void a_chunked_body_is_forwarded() {
        Reply reply = RawClient.ask(
                proxy.port(),
                request("POST", "/x", "Transfer-Encoding: chunked").concat("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
        assertThat(reply.text()).isEqualTo("POST /x abcde");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT other:80", "TRACE /", "CONNECT /"})
    void connect_and_trace_are_refused(String line) {
        Reply reply = RawClient.ask(proxy.port(), line + " HTTP/1.1\r\nHost: proxy\r\n\r\n");
        assertThat(reply.status()).isBetween(400, 501);
        assertThat(origin.count()).isZero();
    }

    @Test
    void a_websocket_is_refused_in_clear_words() {
        Reply reply = proxy.get(
                "/chat", "Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13");
        assertThat(reply.status()).isEqualTo(501);
        assertThat(reply.text()).isEqualTo("WebSocket is not supported\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host", "content-length", "Authorization", "Cookie", "cache-control", "Range"})
    void a_connection_field_that_names_an_end_to_end_field_is_refused(String name) {
        assertThat(proxy.get("/", "Connection: close, " + name).status()).isEqualTo(400);
        assertThat(origin.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Forwarded: for=1.2.3.4;host=evil",
                "X-Forwarded-Host: evil",
                "x-forwarded-port: 1",
                "X-Forwarded-Prefix: /evil",
                "X-Forwarded-Server: evil",
                "X-HTTP-Method-Override: DELETE",
                "X-Original-URL: /admin",
                "X-Rewrite-URL: /admin",
                "Proxy-Authorization: Basic x",
                "Proxy-Connection: close",
                "Keep-Alive: 5",
                "TE: trailers",
                "Connection: X-Hop\r\nX-Hop: 1",
            })
    void what_a_client_may_not_say_is_dropped(String line) {
        assertThat(proxy.get("/", line, "X-End: 1").status()).isEqualTo(200);
        String name = line.substring(line.lastIndexOf('\n') + 1).split(":")[0];
        assertThat(origin.lastHead().toLowerCase())
                .contains("\r\nx-end: 1\r\n")
                .doesNotContain("\r\n" + name.toLowerCase() + ":");
    }

    @Test
    void the_host_at_the_origin_is_the_origins() {
        proxy.get("/");
        assertThat(origin.lastHead()).contains("Host: " + origin.uri().getAuthority() + "\r\n");
        assertThat(origin.lastHead()).containsPattern("Via: 1\\.1 caching-proxy\\.[0-9a-f]{16}\r\n");
    }

    @Test
    void an_absolute_target_does_not_change_the_address() {
        String request = "GET http://evil.example:1/path?q HTTP/1.1\r\nHost: evil.example:1\r\n\r\n";
        assertStored(RawClient.ask(proxy.port(), request));
        assertThat(origin.lastHead()).startsWith("GET /path?q HTTP/1.1\r\n").doesNotContain("evil");
        assertHit(proxy.get("/path?q"));
    }

    @Test
    void the_path_of_the_origin_goes_in_front() {
        try (TestProxy prefixed = TestProxy.of(URI.create(origin.uri() + "/base%20dir/"))) {
            prefixed.get("/x?y");
            assertThat(origin.lastHead()).startsWith("GET /base%20dir/x?y HTTP/1.1\r\n");
        }
    }

    @Test
    void a_get_with_a_body_is_neither_stored_nor_answered_from_the_store() {
        assertForwarded(send("GET", "/g", "asked"));
        assertStored(proxy.get("/g"));
        Reply reply = assertForwarded(send("GET", "/g", "asked again"));
        assertThat(reply.text()).isEqualTo("GET /g asked again");
        assertThat(assertHit(proxy.get("/g")).text()).isEqualTo("GET /g ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/?a=b|c", "/a%2Fb/../c", "//x//y", "/%7e", "/p;x=1", "/a?"})
    void a_target_is_keyed_as_it_is_forwarded(String target) {
        assertStored(proxy.get(target));
        assertHit(proxy.get(target));
        assertThat(origin.count()).isEqualTo(1);
    }

    @Test
    void targets_that_differ_in_any_byte_have_keys_of_their_own() {
        String[] targets = {"/a", "/a?", "/a/", "//a", "/%61", "/a;", "/A", "/a?b", "/a?b=", "/x/../a", "/a%3Fb"};
        for (String target : targets) {
            assertThat(assertStored(proxy.get(target)).text()).isEqualTo("GET " + target + " ");
        }
        for (String target : targets) {
            assertThat(assertHit(proxy.get(target)).text()).isEqualTo("GET " + target + " ");
        }
    }

    @Test
    void a_hit_has_the_status_headers_and_body_of_the_miss() {
        Reply miss = assertStored(proxy.get("/same"));
        Reply hit = assertHit(proxy.get("/same"));
        assertThat(hit.status()).isEqualTo(miss.status());
        assertThat(hit.body()).isEqualTo(miss.body());
        for (String name : new String[] {"X-A", "x-b", "Content-Length", "Date", "Via"}) {
            assertThat(hit.all(name)).as(name).isEqualTo(miss.all(name));
        }
        assertThat(hit.header("Age")).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
                "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
                "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
            })
    void a_malformed_request_is_a_400_and_does_not_reach_the_origin(String request) {
        assertThat(RawClient.ask(proxy.port(), request).status()).isEqualTo(400);
        assertThat(origin.count()).isZero();
    }
}
