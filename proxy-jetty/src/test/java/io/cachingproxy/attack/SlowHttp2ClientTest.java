package io.cachingproxy.attack;

import static io.cachingproxy.testkit.Http2Frames.CONTINUATION;
import static io.cachingproxy.testkit.Http2Frames.DATA;
import static io.cachingproxy.testkit.Http2Frames.END_HEADERS;
import static io.cachingproxy.testkit.Http2Frames.END_STREAM;
import static io.cachingproxy.testkit.Http2Frames.HEADERS;
import static io.cachingproxy.testkit.Http2Frames.HELLO;
import static io.cachingproxy.testkit.Http2Frames.PING;
import static io.cachingproxy.testkit.Http2Frames.PREFACE;
import static io.cachingproxy.testkit.Http2Frames.WINDOW_UPDATE;
import static io.cachingproxy.testkit.Http2Frames.asking;
import static io.cachingproxy.testkit.Http2Frames.frame;
import static io.cachingproxy.testkit.Http2Frames.head;
import static io.cachingproxy.testkit.Http2Frames.integer;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ProxyServer;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Over HTTP/2, too, a client that sends less than it has to is cut off in the middle of a frame, and of a head. */
class SlowHttp2ClientTest extends Attack {
    private static final String OPEN_HEAD = frame(HEADERS, END_STREAM, 1, head("GET", "/slow"));
    private static final String SETTINGS_HEADER = "\0\1\362\4\0\0\0\0\0"; // of 498 bytes
    private static final String HEAD_HEADER = "\0\1\362\1\5\0\0\0\3";
    private static final String UNKNOWN_HEADER = "\0\1\362\77\0\0\0\0\0";
    private final ScheduledExecutorService trickling = Executors.newSingleThreadScheduledExecutor();

    @Override
    ProxyServer.Builder configured(ProxyServer.Builder builder) {
        return builder.limits(Limits.DEFAULT.withRate(200, Duration.ofSeconds(1)));
    }

    @AfterEach
    void stopTrickling() {
        trickling.shutdownNow();
    }

    /** Sends one piece every 100 ms, again and again. */
    private void trickle(RawClient client, String bytes, int piece) {
        int[] next = {0};
        trickling.scheduleAtFixedRate(
                () -> {
                    try {
                        client.send(bytes.substring(next[0], next[0] + piece));
                        next[0] = (next[0] + piece) % bytes.length();
                    } catch (IOException closed) {
                        throw new IllegalStateException(closed);
                    }
                },
                0,
                100,
                TimeUnit.MILLISECONDS);
    }

    private void trickle(Map<String, RawClient> clients, String what, String first, String rest, int piece)
            throws IOException {
        RawClient client = attacker().send(first);
        client.patience(Duration.ofSeconds(15));
        trickle(client, rest, piece);
        clients.put(what, client);
    }

    @Test
    void whatever_comes_byte_by_byte_is_cut_off() throws IOException {
        origin.on("/late", (request, connection) -> {});
        String filler = "x".repeat(500);
        String fragment = frame(CONTINUATION, 0, 1, "x");
        Map<String, RawClient> slow = new LinkedHashMap<>();
        trickle(slow, "the preface", "", PREFACE + SETTINGS_HEADER + filler, 1);
        trickle(
                slow,
                "half of the preface",
                PREFACE.substring(0, 19),
                PREFACE.substring(19) + SETTINGS_HEADER + filler,
                1);
        trickle(slow, "the first settings", PREFACE + SETTINGS_HEADER, filler, 1);
        trickle(slow, "a head", HELLO + HEAD_HEADER, filler, 1);
        trickle(slow, "a head in more and more frames", HELLO + OPEN_HEAD, fragment, fragment.length());
        trickle(slow, "a head in empty frames", HELLO + OPEN_HEAD, frame(CONTINUATION, 0, 1, ""), 9);
        trickle(slow, "a head beside a request", HELLO + asking(1, "/late") + HEAD_HEADER, filler, 1);
        trickle(slow, "a frame of no known type", HELLO + UNKNOWN_HEADER, filler, 1);
        for (Map.Entry<String, RawClient> client : slow.entrySet()) {
            assertThat(client.getValue().untilClosed()).as(client.getKey()).doesNotContain("GET /slow", "invalid");
        }
        assertThat(victim("/victim").body()).isEqualTo("GET /victim");
        assertThat(origin.asked()).doesNotContain("GET /slow");
    }

    @Test
    void who_waits_or_asks_for_nothing_or_says_that_it_lives_is_not_slow() throws IOException {
        origin.on("/late", (request, connection) -> {
            TimeUnit.MILLISECONDS.sleep(4500);
            connection.send(RecordingOrigin.ok("late"));
        });
        Map<String, RawClient> honest = new LinkedHashMap<>();
        honest.put("idle", attacker().send(HELLO));
        honest.put("idle after a request", attacker().send(HELLO + asking(1, "/a")));
        trickle(honest, "living", HELLO, frame(PING, 0, 0, "12345678"), 17);
        trickle(honest, "living after a request", HELLO + asking(1, "/a"), frame(PING, 0, 0, "12345678"), 17);
        trickle(honest, "reading", HELLO + asking(1, "/a"), frame(WINDOW_UPDATE, 0, 0, integer(1)), 13);
        trickle(honest, "waiting", HELLO + asking(1, "/late"), frame(PING, 0, 0, "12345678"), 17);
        RawClient waiting = attacker().send(HELLO + asking(1, "/late"));
        waiting.patience(Duration.ofSeconds(15));
        waiting.until("late");
        honest.get("waiting").until("late");
        trickling.shutdownNow();
        for (Map.Entry<String, RawClient> client : honest.entrySet()) {
            client.getValue().send(asking(3, "/still-there")).until("GET /still-there");
        }
    }

    @Test
    void content_in_empty_frames_is_cut_off() throws IOException {
        RawClient slow = attacker().send(HELLO + frame(HEADERS, END_HEADERS, 1, head("POST", "/slow")));
        trickle(slow, frame(DATA, 0, 1, ""), 9);
        slow.until("the request broke off");
    }
}
