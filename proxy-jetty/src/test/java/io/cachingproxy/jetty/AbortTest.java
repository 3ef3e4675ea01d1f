package io.cachingproxy.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.RawOrigin;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.junit.jupiter.api.Test;

/** Clients that hang up anywhere leave nothing behind. */
class AbortTest {
    private static final int ABORTS = 1_000;
    private static final int LENGTH = 300_000;
    private static final byte[] BODY = new byte[LENGTH];

    private final ArrayByteBufferPool.Tracking buffers = new ArrayByteBufferPool.Tracking();

    @Test
    void a_thousand_clients_that_hang_up_anywhere_leave_no_buffer_no_request_and_no_connection() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    String kept = call.head().contains("/kept") ? "max-age=60" : "no-store";
                    call.send(
                            "HTTP/1.1 200 OK\r\nCache-Control: " + kept + "\r\nContent-Length: " + LENGTH + "\r\n\r\n");
                    call.send(BODY);
                });
                HttpCache cache = HttpCache.builder().build();
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .port(0)
                        .cache(cache)
                        .buffers(buffers)
                        .build()) {
            proxy.start();
            ExecutorService clients = Executors.newFixedThreadPool(8);
            for (int i = 0; i < ABORTS; i++) {
                Random random = new Random(i);
                String path = (random.nextBoolean() ? "/kept" : "/passing") + random.nextInt(20);
                int length = random.nextInt(LENGTH);
                boolean reset = random.nextBoolean();
                clients.submit(() -> {
                    hangUp(proxy.port(), path, length, reset);
                    return null;
                });
            }
            clients.shutdown();
            assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
            await().atMost(Duration.ofSeconds(20)).until(() -> proxy.requests() == 0 && proxy.connections() == 0);
            proxy.stop(Duration.ZERO);
            assertThat(origin.count()).isPositive();
            await().untilAsserted(() ->
                    assertThat(buffers.getLeaks()).as(buffers::dumpLeaks).isEmpty());
        }
    }

    /** Reads {@code length} bytes of the response, of which the head is a part, and hangs up. */
    private static void hangUp(int port, String path, int length, boolean reset) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            if (reset) {
                socket.setSoLinger(true, 0);
            }
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: proxy\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            in.skipNBytes(length);
        }
    }
}
