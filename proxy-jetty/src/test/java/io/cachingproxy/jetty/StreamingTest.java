package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static io.cachingproxy.testkit.Verdicts.assertForwarded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.Reply;
import io.cachingproxy.testkit.TestProxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies pass in both directions as they come, at the pace of the slower side, and never as a whole in memory. */
class StreamingTest {
    private static final int LARGE = 192 << 20;
    private static final byte[] PIECE = new byte[64 * 1024];

    /** What may be on its way between a fast origin and a stalled client: the kernel's buffers and the proxy's window. */
    private static final long ON_ITS_WAY = 24 << 20;

    static {
        for (int i = 0; i < PIECE.length; i++) {
            PIECE[i] = (byte) (i * 31);
        }
    }

    private final AtomicLong moved = new AtomicLong();

    private RawOrigin sendingLarge(String... headerLines) {
        return RawOrigin.answering(call -> {
            call.send("HTTP/1.1 200 OK\r\n" + String.join("\r\n", headerLines) + "\r\nContent-Length: " + LARGE
                    + "\r\n\r\n");
            for (int i = 0; i < LARGE / PIECE.length; i++) {
                call.send(PIECE);
                moved.addAndGet(PIECE.length);
            }
        });
    }

    private void awaitStandstill() {
        AtomicLong last = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(150)).until(() -> last.getAndSet(moved.get()) == moved.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cache-Control: no-store", "X: larger than what is stored"})
    void a_large_download_passes_byte_for_byte_and_is_not_kept(String line) {
        try (RawOrigin origin = sendingLarge(line);
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = proxy.connect().send(request("GET", "/"))) {
            assertThat(client.head()).contains("Content-Length: " + LARGE).doesNotContain("; stored");
            String expected = new String(PIECE, java.nio.charset.StandardCharsets.ISO_8859_1);
            for (int i = 0; i < LARGE / PIECE.length; i++) {
                assertThat(client.read(PIECE.length).equals(expected)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cache-Control: no-store", "X: larger than what is stored"})
    void a_stalled_client_holds_the_origin_back(String line) {
        try (RawOrigin origin = sendingLarge(line);
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = RawClient.stallingAt(proxy.port()).send(request("GET", "/"))) {
            client.head();
            awaitStandstill();
            assertThat(moved.get()).isLessThan(ON_ITS_WAY);
            for (int i = 0; i < LARGE / PIECE.length; i++) {
                client.read(PIECE.length);
            }
            assertThat(moved.get()).isEqualTo(LARGE);
        }
    }

    @Test
    void an_origin_is_told_when_nobody_reads_a_body_that_is_not_stored() {
        CountDownLatch hungUp = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: " + LARGE + "\r\n\r\n");
                    try {
                        for (int i = 0; i < LARGE / PIECE.length; i++) {
                            call.send(PIECE);
                        }
                    } finally {
                        hungUp.countDown();
                    }
                });
                TestProxy proxy = TestProxy.of(origin)) {
            try (RawClient client = RawClient.stallingAt(proxy.port()).send(request("GET", "/"))) {
                client.head();
            }
            await().until(() -> hungUp.getCount() == 0);
        }
    }

    @Test
    void a_large_upload_passes_byte_for_byte() {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    java.util.zip.CRC32 sum = new java.util.zip.CRC32();
                    for (int i = 0; i < LARGE / PIECE.length; i++) {
                        sum.update(call.read(PIECE.length).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
                    }
                    call.send(ok(Long.toString(sum.getValue())));
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = proxy.connect()) {
            java.util.zip.CRC32 sum = new java.util.zip.CRC32();
            client.send("POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: " + LARGE + "\r\n\r\n");
            for (int i = 0; i < LARGE / PIECE.length; i++) {
                sum.update(PIECE);
                client.send(PIECE);
            }
            assertThat(client.reply().text()).isEqualTo(Long.toString(sum.getValue()));
        }
    }

    @Test
    void an_origin_that_does_not_read_holds_the_client_back() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    release.await();
                    for (int i = 0; i < LARGE / PIECE.length; i++) {
                        call.read(PIECE.length);
                    }
                    call.send(ok("got it"));
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = proxy.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: " + LARGE + "\r\n\r\n");
            Thread upload = new Thread(() -> {
                for (int i = 0; i < LARGE / PIECE.length; i++) {
                    client.send(PIECE);
                    moved.addAndGet(PIECE.length);
                }
            });
            upload.start();
            awaitStandstill();
            assertThat(moved.get()).isLessThan(ON_ITS_WAY);
            release.countDown();
            assertThat(client.reply().text()).isEqualTo("got it");
            upload.join();
        }
    }

    @Test
    void the_origin_sees_the_first_bytes_of_a_request_while_the_client_still_sends() {
        CountDownLatch seen = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    String first = call.read(6); // a chunk of 3 bytes, whose line end comes with the next
                    seen.countDown();
                    call.send(ok(first.substring(3) + call.read(13).substring(5, 8)));
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = proxy.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
            await().until(() -> seen.getCount() == 0);
            client.send("3\r\ndef\r\n0\r\n\r\n");
            assertThat(client.reply().text()).isEqualTo("abcdef");
        }
    }

    @Test
    void a_client_that_expects_100_continue_gets_it_and_sends_then() {
        try (RawOrigin origin = RawOrigin.answering(call -> call.send(ok(new String(call.body()))));
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = proxy.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: proxy\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            assertThat(client.anyHead()).startsWith("HTTP/1.1 100 Continue\r\n");
            assertThat(client.send("body").reply().text()).isEqualTo("body");
        }
    }

    @Test
    void a_request_that_breaks_off_is_no_fault_of_the_origin() {
        CountDownLatch ended = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() == 1) {
                        call.awaitHangUp();
                        ended.countDown();
                    } else {
                        call.send(ok("fine"));
                    }
                });
                TestProxy proxy = TestProxy.of(origin)) {
            try (RawClient client = proxy.connect()) {
                client.send("PUT / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 10\r\n\r\nabc");
                await().until(() -> origin.count() == 1);
            }
            await().until(() -> ended.getCount() == 0);
            assertThat(proxy.get("/").text()).isEqualTo("fine");
        }
    }

    @Test
    void a_response_that_comes_before_the_request_was_sent_reaches_the_client() {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
                    call.awaitHangUp();
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = proxy.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 1000000\r\n\r\nbegun");
            Reply reply = assertForwarded(client.reply());
            assertThat(reply.status()).isEqualTo(413);
            assertThat(reply.text()).isEqualTo("big");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-store", "max-age=60"})
    void each_chunk_is_sent_with_the_line_end_that_completes_it(String cacheControl) throws Exception {
        Semaphore next = new Semaphore(0);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.send("HTTP/1.1 200 OK\r\nCache-Control: " + cacheControl
                            + "\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for (String event : List.of("one", "\r\ntwo", "three\r\n")) {
                        call.send(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n");
                        next.acquire();
                    }
                    call.send("0\r\nX-End: yes\r\n\r\n");
                });
                TestProxy proxy = TestProxy.of(origin);
                RawClient client = proxy.connect().send(request("GET", "/"))) {
            client.head();
            for (String chunk : List.of("3\r\none\r\n", "5\r\n\r\ntwo\r\n", "7\r\nthree\r\n\r\n")) {
                assertThat(client.read(chunk.length())).isEqualTo(chunk);
                next.release();
            }
            String end = "0\r\nX-End: yes\r\n\r\n";
            assertThat(client.read(end.length())).isEqualTo(end);
            client.send(request("GET", "/again"));
            assertThat(client.head()).startsWith("HTTP/1.1 200");
        }
    }
}
