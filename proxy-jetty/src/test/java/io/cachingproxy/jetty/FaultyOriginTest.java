package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static io.cachingproxy.testkit.Verdicts.assertFailed;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.OriginCall;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.TestProxy;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An origin that breaks its word: nothing of it is stored, and no client takes it for whole. */
class FaultyOriginTest {
    enum Break {
        TOO_SHORT("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
        CHUNKED_WITHOUT_END("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"),
        RESET("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
        RESET_WITHOUT_LENGTH("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\n"),
        BAD_CHUNK("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"),
        SILENCE("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");

        private final String head;

        Break(String head) {
            this.head = head;
        }

        void after(CountDownLatch seen, OriginCall call) throws Exception {
            call.send(head + "12345");
            seen.await();
            switch (this) {
                case RESET, RESET_WITHOUT_LENGTH -> call.reset();
                case BAD_CHUNK -> call.send("\r\nzz\r\nnonsense");
                case SILENCE -> call.awaitHangUp();
                default -> call.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_body_that_breaks_off_is_never_stored_and_never_ends_cleanly(Break how) {
        CountDownLatch seen = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() == 1) {
                        how.after(seen, call);
                    } else {
                        call.send(ok("whole"));
                    }
                });
                TestProxy proxy = TestProxy.impatient(origin)) {
            try (RawClient client = proxy.connect().send(request("GET", "/"))) {
                String head = client.head();
                assertThat(head.contains("chunked") ? client.chunk() : client.read(5))
                        .isEqualTo("12345");
                seen.countDown();
                assertThat(client.rest().strip()).isEmpty();
            }
            Reply next = assertStored(proxy.get("/"));
            assertThat(next.text()).isEqualTo("whole");
        }
    }

    @Test
    void bytes_beyond_the_announced_length_are_no_part_of_the_response() {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send(
                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                });
                TestProxy proxy = TestProxy.of(origin)) {
            assertThat(proxy.get("/1").text()).isEqualTo("ab");
            assertThat(proxy.get("/2").text()).isNotEqualTo("evil");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: a\u0000b\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            })
    void a_malformed_response_is_a_502_and_not_asked_for_twice(String response) {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send(response);
                    call.close();
                });
                TestProxy proxy = TestProxy.of(origin)) {
            assertFailed(proxy.get("/"), 502);
            assertThat(origin.count()).isEqualTo(1);
        }
    }

    @Test
    void an_origin_that_hangs_up_without_a_word_is_a_502() {
        try (RawOrigin origin = RawOrigin.answering(OriginCall::close);
                TestProxy proxy = TestProxy.of(origin)) {
            assertFailed(proxy.get("/"), 502);
            assertThat(origin.count()).isEqualTo(2);
        }
    }

    @Test
    void an_unreachable_origin_is_a_502() throws IOException {
        URI nobody;
        try (RawOrigin origin = RawOrigin.sending("")) {
            nobody = origin.uri();
        }
        try (TestProxy proxy = TestProxy.of(nobody)) {
            Reply reply = assertFailed(proxy.get("/"), 502);
            assertThat(reply.text()).isEqualTo("the origin cannot be reached\n");
            assertFailed(proxy.ask("POST", "/", "Content-Length: 0"), 502);
        }
    }

    @Test
    void a_long_queue_for_an_unreachable_origin_is_answered_to_the_last() throws IOException {
        URI nobody;
        try (RawOrigin origin = RawOrigin.sending("")) {
            nobody = origin.uri();
        }
        int asked = 400;
        List<RawClient> clients = new ArrayList<>();
        try (ProxyServer proxy = ProxyServer.builder()
                .origin(nobody)
                .port(0)
                .limits(Limits.DEFAULT.withOriginRequests(1, asked))
                .build()) {
            proxy.start();
            for (int i = 0; i < asked; i++) {
                clients.add(RawClient.to(proxy.port()).send(request("GET", "/" + i)));
            }
            for (RawClient client : clients) {
                assertThat(client.reply().status()).isEqualTo(502);
            }
        } finally {
            clients.forEach(RawClient::close);
        }
    }

    @Test
    void a_silent_origin_is_a_504() {
        try (RawOrigin origin = RawOrigin.answering(OriginCall::awaitHangUp);
                TestProxy proxy = TestProxy.impatient(origin)) {
            assertFailed(proxy.get("/"), 504);
            assertThat(origin.count()).isEqualTo(1);
        }
    }

    @Test
    void a_response_may_take_as_long_as_it_likes_if_it_is_never_silent() {
        int pieces = 16;
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 200 OK\r\nContent-Length: " + pieces + "\r\n\r\n");
                    for (int i = 0; i < pieces; i++) {
                        new CountDownLatch(1).await(80, TimeUnit.MILLISECONDS);
                        call.send("x");
                    }
                });
                TestProxy proxy = TestProxy.impatient(origin)) {
            assertThat(proxy.get("/").text()).hasSize(pieces); // 1.3 s, with a patience of 0.6 s
        }
    }

    @Test
    void a_response_that_begins_before_the_request_is_whole_may_take_as_long_too() {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n:");
                    call.read(4);
                    for (int i = 0; i < 10; i++) {
                        new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
                        call.send("x");
                    }
                });
                TestProxy proxy = TestProxy.impatient(origin);
                RawClient client = proxy.connect()) {
            client.send(request("POST", "/", "Content-Length: 4"));
            assertThat(client.head()).contains(" 200 ");
            assertThat(client.send("body").read(11)).isEqualTo(":" + "x".repeat(10));
        }
    }

    @Test
    void a_stale_response_stands_in_for_an_unreachable_origin() {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() == 1) {
                        call.send(ok("kept", "Cache-Control: max-age=1"));
                    } else {
                        call.close();
                    }
                });
                TestProxy proxy = TestProxy.of(origin)) {
            assertStored(proxy.get("/"));
            proxy.advance(Duration.ofSeconds(5));
            Reply reply = proxy.get("/");
            assertThat(reply.text()).isEqualTo("kept");
            assertThat(reply.header("Cache-Status")).contains("stale-origin-unreachable");
        }
    }
}
