package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Front;
import io.cachingproxy.testkit.JettyFront;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.RawOrigin.Script;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.TestProxy;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Jetty's own proxy servlets get wrong, and ours must not: behind the cache and without it. */
@ParameterizedClass
@EnumSource
class JettyProxyDefectsTest {
    enum Setup {
        BEHIND_THE_CACHE,
        WITHOUT_A_CACHE
    }

    @Parameter
    Setup setup;

    private RawOrigin origin;
    private Front front;

    private Front start(RawOrigin started) {
        origin = started;
        front = setup == Setup.BEHIND_THE_CACHE
                ? TestProxy.of(origin)
                : JettyFront.of(
                        null,
                        new CachingProxyServlet(),
                        Map.of("proxyTo", origin.uri().toString()));
        return front;
    }

    private Front start(Script script) {
        return start(RawOrigin.answering(script));
    }

    @AfterEach
    void stop() {
        front.close();
        origin.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Disposition: attachment; filename=\"a, b; c.txt\"; filename*=UTF-8''a",
                "NEL: {\"a\":1, \"b\":{\"c\":\"d, e\"}}",
                "Link: </a,b>; rel=\"preload next\"; title=\"x, \\\"y\\\"\", </c>",
                "Content-Type: multipart/mixed; boundary=\"a b,c\"",
                "Cache-Control: private=\"x, y\", max-age=10",
                "WWW-Authenticate: Digest realm=\"a, b\", nonce=\"=\"",
                "X-Odd: \"unbalanced, and 'so' on",
                "Date: Thu, 01 Jan 2026 00:00:00 GMT",
            })
    void quotes_in_header_values_arrive_as_the_origin_sent_them(String line) {
        start(RawOrigin.sending(ok("body", line, "X-After: still there")));
        Reply reply = front.get("/");
        assertThat(reply.head()).contains("\r\n" + line + "\r\n").contains("\r\nX-After: still there\r\n");
        assertThat(reply.text()).isEqualTo("body");
    }

    @Test
    void repeated_header_lines_stay_apart_and_in_order() {
        start(RawOrigin.sending(ok("", "X-A: 1", "x-a: 2, 3", "X-A: 1", "X-Empty:")));
        Reply reply = front.get("/");
        assertThat(reply.all("X-A")).containsExactly("1", "2, 3", "1");
        assertThat(reply.all("X-Empty")).containsExactly("");
    }

    @ParameterizedTest
    @ValueSource(ints = {102, 103, 110})
    void an_interim_response_of_the_origin_does_not_hang_the_request(int status) {
        String interim = "HTTP/1.1 " + status + " Interim\r\nLink: </style.css>; rel=preload\r\n\r\n";
        start(RawOrigin.sending(interim + interim + ok("final")));
        assertThat(front.get("/").text()).isEqualTo("final");
    }

    @Test
    void headers_named_in_the_origins_connection_do_not_leak() {
        start(RawOrigin.sending(ok(
                "body",
                "Connection: X-Internal, keep-alive",
                "X-Internal: secret",
                "Keep-Alive: timeout=5",
                "Proxy-Authentication-Info: nonce=1",
                "Proxy-Authenticate: Basic",
                "Upgrade: h2c",
                "X-End: 1")));
        Reply reply = front.get("/");
        assertThat(reply.head())
                .doesNotContain("X-Internal", "secret", "Keep-Alive", "Proxy-Auth", "Upgrade")
                .contains("X-End: 1");
    }

    @Test
    void response_trailers_arrive() {
        start(RawOrigin.sending("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                + "4\r\nbody\r\n0\r\nX-Sum: 42\r\nX-More: a, b\r\n\r\n"));
        Reply reply = front.get("/");
        assertThat(reply.text()).isEqualTo("body");
        assertThat(reply.trailers().lines()).containsExactlyInAnyOrder("X-Sum: 42", "X-More: a, b");
    }

    @Test
    void server_sent_events_arrive_one_by_one_and_the_head_before_the_first() {
        CountDownLatch headSeen = new CountDownLatch(1);
        CountDownLatch firstSeen = new CountDownLatch(1);
        start(call -> {
            call.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n");
            headSeen.await();
            call.chunk("data: 1\n\n");
            firstSeen.await();
            call.chunk("data: 2\n\n");
            call.send("0\r\n\r\n");
        });
        try (RawClient client = front.connect().send(request("GET", "/events"))) {
            assertThat(client.head()).contains("text/event-stream");
            headSeen.countDown();
            assertThat(client.chunk()).isEqualTo("data: 1\n\n");
            firstSeen.countDown();
            assertThat(client.chunk()).isEqualTo("data: 2\n\n");
            assertThat(client.chunk()).isEmpty();
        }
    }

    @Test
    void the_first_bytes_of_a_body_of_known_length_arrive_before_its_end() {
        CountDownLatch seen = new CountDownLatch(1);
        start(call -> {
            call.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
            seen.await();
            call.send("def");
        });
        try (RawClient client = front.connect().send(request("GET", "/"))) {
            client.head();
            assertThat(client.read(3)).isEqualTo("abc");
            seen.countDown();
            assertThat(client.read(3)).isEqualTo("def");
        }
    }

    @Test
    void a_kept_connection_that_the_origin_closed_costs_one_retry_not_a_502() {
        start(call -> {
            if (call.number() == 2) {
                call.close();
            } else {
                call.send(ok("answer " + call.number(), "Cache-Control: no-store"));
            }
        });
        assertThat(front.get("/a").text()).isEqualTo("answer 1");
        assertThat(front.get("/b").text()).isEqualTo("answer 3");
    }

    @Test
    void a_request_that_is_not_idempotent_is_never_repeated() {
        start(call -> {
            call.body();
            call.close();
        });
        assertThat(front.ask("POST", "/", "Content-Length: 0").status()).isEqualTo(502);
        assertThat(front.ask("LOCK", "/").status()).isEqualTo(502);
        assertThat(origin.count()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/?a=b|c",
                "/a%2Fb/../c",
                "//x//y",
                "/%7e/~",
                "/p;x=1/q;y",
                "/a?b=%zz&c={d}&e=[f]",
                "/a?",
                "/?",
                "/a?b?c",
                "/./a/.//b/",
                "/a/%2e%2E/b",
                "/a?b=%zz",
                "/a\\b",
                "/a^`b"
            })
    void a_target_is_forwarded_byte_for_byte(String target) {
        start(RawOrigin.sending(ok("x")));
        assertThat(front.get(target).status()).isEqualTo(200);
        assertThat(origin.lastHead()).startsWith("GET " + target + " HTTP/1.1\r\n");
    }

    @Test
    void the_client_of_the_origin_is_there_before_the_first_request() throws Exception {
        start(RawOrigin.sending(ok("x")));
        CountDownLatch all = new CountDownLatch(20);
        for (int i = 0; i < 20; i++) {
            String target = "/" + i;
            new Thread(() -> {
                        front.get(target);
                        all.countDown();
                    })
                    .start();
        }
        assertThat(all.await(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        assertThat(origin.count()).isEqualTo(20);
    }

    @Test
    void a_304_without_content_length_stays_so() {
        start(RawOrigin.sending("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"));
        Reply reply = front.get("/", "If-None-Match: \"1\"");
        assertThat(reply.status()).isEqualTo(304);
        assertThat(reply.header("Content-Length")).isNull();
    }

    @Test
    void a_head_response_without_content_length_does_not_get_one() {
        start(RawOrigin.sending("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        Reply reply = front.ask("HEAD", "/");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Length")).isNull();
    }

    @Test
    void an_http_1_0_client_gets_the_whole_body_of_a_chunked_response() {
        start(RawOrigin.sending("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"));
        try (RawClient client = front.connect().send("GET / HTTP/1.0\r\n\r\n")) {
            assertThat(client.rest()).endsWith("\r\n\r\nbody").doesNotContain("Transfer-Encoding");
        }
    }

    @Test
    void an_unsolicited_101_is_a_502() {
        start(RawOrigin.sending("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"));
        assertThat(front.get("/").status()).isEqualTo(502);
    }

    @Test
    void a_response_that_breaks_off_before_its_first_byte_is_a_502() {
        start(call -> {
            call.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
            call.close();
        });
        for (int i = 0; i < 100; i++) { // the answer may be there before or after the filter looks
            Reply reply = front.get("/" + i);
            assertThat(reply.status()).as(reply.toString()).isEqualTo(502);
        }
    }

    @Test
    void a_response_that_breaks_off_does_not_end_cleanly() {
        CountDownLatch seen = new CountDownLatch(1);
        start(call -> {
            call.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            call.chunk("begun");
            seen.await();
            call.close();
        });
        try (RawClient client = front.connect().send(request("GET", "/"))) {
            client.head();
            assertThat(client.chunk()).isEqualTo("begun");
            seen.countDown();
            assertThat(client.rest()).doesNotContain("0\r\n");
        }
        assertThat(origin.count()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT proxy:80", "TRACE /", "GET /"})
    void what_is_refused_does_not_reach_the_origin(String line) {
        start(RawOrigin.sending(ok("x")));
        String rest = line.startsWith("GET") ? "Upgrade: websocket\r\nConnection: Upgrade\r\n" : "";
        Reply reply = RawClient.ask(front.port(), line + " HTTP/1.1\r\nHost: proxy\r\n" + rest + "\r\n");
        assertThat(reply.status()).isEqualTo(501);
        assertThat(reply.text()).containsAnyOf("not supported", "Not Implemented");
        assertThat(origin.count()).isZero();
    }
}
