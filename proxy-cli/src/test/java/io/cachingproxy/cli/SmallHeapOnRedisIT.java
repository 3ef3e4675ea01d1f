package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import io.cachingproxy.testkit.RedisProcess;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Twenty readers of one body of 30 MiB that Redis has, through a proxy with a heap of 128 MiB: all get it whole, others are
 * answered within a second, and all memory is back afterwards. The body is longer than the proxy stores itself; one with
 * more memory, on the same Redis, has stored it.
 */
@Tag("resources")
class SmallHeapOnRedisIT {
    private static final int MIB = 1 << 20;
    private static final int LENGTH = 30 * MIB;
    private static final int READERS = 20;
    private static final Duration PROMPT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final byte[] BODY = new byte[LENGTH];

    static {
        new Random(1).nextBytes(BODY);
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private RedisProcess redis;
    private TestOrigin origin;
    private RunningProxy proxy;

    @BeforeEach
    void start() throws Exception {
        redis = RedisProcess.start();
        origin = TestOrigin.start()
                .on("/small", "small", "Cache-Control", "max-age=600")
                .on("/1m", exchange -> send(exchange, MIB))
                .on("/30m", exchange -> send(exchange, LENGTH));
        String[] patient = {"--redis=" + redis.url(), "--redis-deadline=2s"}; // lookups of a busy machine are hits, too
        proxy = RunningProxy.start(List.of("-Xmx128m"), origin.uri(), patient);
        try (RunningProxy large = RunningProxy.start(origin.uri(), patient)) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                Client.get(large.uri("/30m"));
                Client.assertHit(Client.get(proxy.uri("/30m")));
            });
        }
    }

    private static void send(HttpExchange exchange, int length) throws IOException {
        exchange.getResponseHeaders().add("Cache-Control", "max-age=600");
        exchange.sendResponseHeaders(200, length);
        exchange.getResponseBody().write(BODY, 0, length);
    }

    @AfterEach
    void stop() throws IOException {
        threads.shutdownNow();
        proxy.close();
        origin.close();
        redis.close();
    }

    /** A client on a socket with a small buffer, which asks for the body and reads it at its own pace. */
    private final class Reader implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream in;
        private final CRC32C sum = new CRC32C();
        private int length;

        Reader() throws IOException {
            socket.setReceiveBufferSize(64 * 1024);
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
            String request = "GET /30m HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        }

        void head() throws IOException {
            StringBuilder head = new StringBuilder();
            while (!head.toString().endsWith("\r\n\r\n")) {
                head.append((char) in.read());
            }
            assertThat(head).startsWith("HTTP/1.1 200").contains("caching-proxy; hit");
        }

        /** Reads up to {@code count} bytes of the body, fewer only where the response ends. */
        Reader read(int count) throws IOException {
            byte[] some = new byte[64 * 1024];
            for (int left = count; left > 0; ) {
                int read = in.read(some, 0, Math.min(some.length, left));
                if (read < 0) {
                    return this;
                }
                sum.update(some, 0, read);
                length += read;
                left -= read;
            }
            return this;
        }

        void assertWhole() {
            CRC32C wanted = new CRC32C();
            wanted.update(BODY);
            assertThat(length).isEqualTo(LENGTH);
            assertThat(sum.getValue()).isEqualTo(wanted.getValue());
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Reads the body, but stops after {@code before} bytes until {@code goOn}. */
    private Future<?> reader(int before, CountDownLatch goOn) {
        return threads.submit(() -> {
            try (Reader reader = new Reader()) {
                reader.head();
                reader.read(before);
                goOn.await();
                reader.read(Integer.MAX_VALUE).assertWhole();
            }
            return null;
        });
    }

    private static void awaitEnd(List<Future<?>> readers) throws Exception {
        for (Future<?> reader : readers) {
            reader.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    void readers_of_one_body_in_redis_all_get_it_whole_and_others_are_answered_within_a_second() throws Exception {
        List<Future<?>> readers = new ArrayList<>();
        CountDownLatch now = new CountDownLatch(0);
        try (Prober prober = new Prober(proxy)) {
            for (int i = 0; i < READERS; i++) {
                readers.add(reader(0, now));
            }
            awaitEnd(readers);
            prober.assertPrompt(PROMPT);
            System.out.println("beside " + READERS + " readers: " + prober);
            prober.stop();
        }
        assertMemoryIsBack();
    }

    @Test
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    void readers_that_stop_at_places_of_their_own_hold_up_no_other_and_get_the_rest_later() throws Exception {
        List<Future<?>> stopped = new ArrayList<>();
        List<Future<?>> readers = new ArrayList<>();
        CountDownLatch later = new CountDownLatch(1);
        try (Prober prober = new Prober(proxy)) {
            for (int i = 0; i < READERS; i++) {
                stopped.add(reader(i * MIB, later));
            }
            for (int i = 0; i < READERS; i++) {
                readers.add(reader(0, new CountDownLatch(0)));
            }
            awaitEnd(readers);
            prober.assertPrompt(PROMPT);
            later.countDown();
            awaitEnd(stopped);
            prober.assertPrompt(PROMPT);
            System.out.println("beside " + READERS + " readers that stopped: " + prober);
            prober.stop();
        }
        assertMemoryIsBack();
    }

    @Test
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    void clients_that_leave_in_the_middle_leave_no_memory_taken() throws Exception {
        try (Prober prober = new Prober(proxy)) {
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < READERS; i++) {
                    try (Reader reader = new Reader()) {
                        reader.head();
                        reader.read(i * MIB / 2);
                    }
                }
            }
            prober.assertPrompt(PROMPT);
            prober.stop();
        }
        assertMemoryIsBack();
    }

    /** The heap is as before the readers, nothing was said of a lack of it, and bodies are stored and found again. */
    private void assertMemoryIsBack() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Vitals.of(proxy.pid()).heap()).isLessThan(48L * MIB));
        await().atMost(PATIENCE).untilAsserted(() -> {
            Client.get(proxy.uri("/1m"));
            Client.assertHit(Client.get(proxy.uri("/1m")));
        });
        assertThat(proxy.stderr()).doesNotContain("OutOfMemory");
    }
}
