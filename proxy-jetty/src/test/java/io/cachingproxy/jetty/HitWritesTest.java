package io.cachingproxy.jetty;

import static io.cachingproxy.jetty.HitServer.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.front.SlowClients;
import io.cachingproxy.testkit.Certificates;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do not take an answer at once get all of it, in the right order, or leave nothing behind. */
class HitWritesTest {
    private static final CacheStatus HIT = new CacheStatus(true, Duration.ZERO, null, 0, false, false, null);

    private static final int LARGE = 1 << 20;
    private static final int SMALL = 30_000;

    private final ByteBuffer large = body(LARGE);
    private final ByteBuffer small = body(SMALL);
    private HitServer server;

    @BeforeEach
    void start() throws Exception {
        server = new HitServer(
                (method, target) -> answer(target.startsWith("/large") ? large : small), Limits.DEFAULT, identity());
    }

    /** What the server shows over TLS; null: it listens in the clear. */
    @Nullable
    Certificates identity() throws Exception {
        return null;
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        assertThat(large).isEqualTo(body(LARGE));
        assertThat(small).isEqualTo(body(SMALL));
    }

    private static ByteBuffer body(int length) {
        ByteBuffer body = ByteBuffer.allocate(length);
        for (int i = 0; i < length; i++) {
            body.put((byte) (i ^ i >> 8 ^ i >> 16));
        }
        return body.flip();
    }

    private static Answer answer(ByteBuffer body) {
        Headers headers = Headers.of("Content-Length", String.valueOf(body.remaining()));
        return new Answer(new ResponseHead(200, headers), Content.of(body), HIT);
    }

    private static byte[] get(String target, int times) {
        return ("GET " + target + " HTTP/1.1\r\nHost: proxy\r\n\r\n")
                .repeat(times)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void assertNext(InputStream in, ByteBuffer body, int times) throws Exception {
        byte[] head = ("HTTP/1.1 200 OK\r\nContent-Length: " + body.remaining() + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < times; i++) {
            assertThat(in.readNBytes(head.length)).isEqualTo(head);
            assertThat(ByteBuffer.wrap(in.readNBytes(body.remaining()))).isEqualTo(body);
        }
    }

    private boolean isWriting() {
        return server.connector.getConnectedEndPoints().stream().anyMatch(SlowClients::isWrittenTo);
    }

    @ParameterizedTest
    @CsvSource({"/large, 1", "/large, 12", "/small, 400"})
    void who_reads_late_gets_all_answers_whole_and_in_their_order(String target, int times) throws Exception {
        try (Socket client = server.client(4096)) {
            client.getOutputStream().write(get(target, times));
            client.getOutputStream().write(get("/last", 1));
            if (times > 1) {
                until(this::isWriting);
            }
            assertNext(client.getInputStream(), target.equals("/large") ? large : small, times);
            assertNext(client.getInputStream(), small, 1);
            client.getOutputStream().write(get("/large", 1));
            assertNext(client.getInputStream(), large, 1);
        }
    }

    @Test
    void who_asks_again_and_again_without_reading_gets_all_answers() throws Exception {
        try (Socket client = server.client(4096)) {
            for (int i = 0; i < 10; i++) {
                client.getOutputStream().write(get("/large", 1));
                client.getOutputStream().write(get("/small", 1));
            }
            until(this::isWriting);
            for (int i = 0; i < 10; i++) {
                assertNext(client.getInputStream(), large, 1);
                assertNext(client.getInputStream(), small, 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10, 100_000, 3_000_000})
    void who_resets_in_the_middle_is_gone_and_others_are_served(int read) throws Exception {
        for (String target : new String[] {"/large", "/small"}) {
            try (Socket client = server.client(4096)) {
                client.getOutputStream().write(get(target, target.equals("/large") ? 20 : 200));
                until(this::isWriting);
                client.getInputStream().skipNBytes(read);
                client.setSoLinger(true, 0);
            }
            until(() -> server.connector.getConnectedEndPoints().isEmpty());
            try (Socket other = server.client(0)) {
                other.getOutputStream().write(get(target, 1));
                assertNext(other.getInputStream(), target.equals("/large") ? large : small, 1);
            }
        }
    }

    @Test
    void many_clients_get_the_same_stored_bytes_at_a_time() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(6);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int window = i % 2 == 0 ? 4096 : 0;
                all.add(clients.submit((Callable<Void>) () -> {
                    try (Socket client = server.client(window)) {
                        for (int round = 0; round < 3; round++) {
                            client.getOutputStream().write(get("/large", 2));
                            client.getOutputStream().write(get("/small", 2));
                            assertNext(client.getInputStream(), large, 2);
                            assertNext(client.getInputStream(), small, 2);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            clients.shutdownNow();
        }
    }
}
