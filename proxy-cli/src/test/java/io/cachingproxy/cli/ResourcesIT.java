package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the jar does in little memory: {@code mvn verify -Presources}. */
@Tag("resources")
class ResourcesIT {
    private static final List<String> LITTLE = List.of("-Xmx256m", "-XX:MaxDirectMemorySize=128m");
    private static final int DOWNLOADS = 4;
    private static final int CHUNK = 1 << 18;
    private static final int CHUNKS = 1 << 13;
    private static final int CONNECTIONS = 10_000;

    private static byte[] chunk() {
        byte[] chunk = new byte[CHUNK];
        new Random(1).nextBytes(chunk);
        return chunk;
    }

    private static void write(OutputStream out) throws IOException {
        byte[] chunk = chunk();
        for (int i = 0; i < CHUNKS; i++) {
            chunk[i % CHUNK]++;
            out.write(chunk);
        }
    }

    private static String digest(InputStream body) throws Exception {
        DigestInputStream digest = new DigestInputStream(body, MessageDigest.getInstance("SHA-256"));
        assertThat(digest.transferTo(OutputStream.nullOutputStream())).isEqualTo((long) CHUNK * CHUNKS);
        return HexFormat.of().formatHex(digest.getMessageDigest().digest());
    }

    private static String expected() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] chunk = chunk();
        for (int i = 0; i < CHUNKS; i++) {
            chunk[i % CHUNK]++;
            digest.update(chunk);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    @Timeout(value = 150, unit = TimeUnit.SECONDS)
    void four_times_two_gibibytes_stream_through_at_once() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(DOWNLOADS);
        try (TestOrigin origin = TestOrigin.start().on("/large", exchange -> {
                    exchange.sendResponseHeaders(200, (long) CHUNK * CHUNKS);
                    write(exchange.getResponseBody());
                });
                RunningProxy proxy = RunningProxy.start(LITTLE, origin.uri())) {
            List<Future<String>> downloads = new ArrayList<>();
            for (int i = 0; i < DOWNLOADS; i++) {
                downloads.add(clients.submit(() -> digest(Client.get(proxy.uri("/large"), BodyHandlers.ofInputStream())
                        .body())));
            }
            String expected = expected();
            for (Future<String> download : downloads) {
                assertThat(download.get()).isEqualTo(expected);
            }
            assertThat(proxy.stderr()).isEmpty();
        } finally {
            clients.shutdownNow();
        }
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void ten_thousand_idle_connections_keep_nobody_from_an_answer() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try (TestOrigin origin = TestOrigin.start().on("/a", "a", "Cache-Control", "max-age=60");
                RunningProxy proxy = RunningProxy.start(LITTLE, origin.uri())) {
            for (int i = 0; i < CONNECTIONS; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
                idle.add(socket);
                if (i % 10 == 0) { // some have been used before
                    ask(socket);
                }
            }
            Client.assertHit(Client.get(proxy.uri("/a")));
            assertThat(Client.get(proxy.uri("/b")).statusCode()).isEqualTo(404);
            for (int i = 0; i < CONNECTIONS; i += 100) { // none was closed to make room
                ask(idle.get(i));
            }
            assertThat(proxy.stderr()).isEmpty();
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    private static void ask(Socket socket) throws IOException {
        socket.setSoTimeout(5_000);
        socket.getOutputStream().write("GET /a HTTP/1.1\r\nHost: proxy\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] answer = new byte[16 * 1024];
        int length = socket.getInputStream().read(answer);
        assertThat(new String(answer, 0, length, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200 OK");
    }
}
