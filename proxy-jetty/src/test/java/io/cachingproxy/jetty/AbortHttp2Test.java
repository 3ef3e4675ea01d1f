package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.Http2Frames.DATA;
import static io.cachingproxy.testkit.Http2Frames.END_STREAM;
import static io.cachingproxy.testkit.Http2Frames.HELLO;
import static io.cachingproxy.testkit.Http2Frames.HUNGRY_HELLO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.HttpCache;
import io.cachingproxy.testkit.Http2Frames;
import io.cachingproxy.testkit.Http2Frames.Frame;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.junit.jupiter.api.Test;

/** Over HTTP/2, too, clients that hang up anywhere leave nothing behind, nor do those that reset some of their streams. */
class AbortHttp2Test {
    private static final int CONNECTIONS = 120;
    private static final int STREAMS = 10;
    private static final int LENGTH = 100_000;
    private static final byte[] BODY = new byte[LENGTH];

    private final ArrayByteBufferPool.Tracking buffers = new ArrayByteBufferPool.Tracking();

    @Test
    void connections_and_streams_that_end_anywhere_leave_no_buffer_no_request_and_no_connection() throws Exception {
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
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                Client client = new Client(proxy.port(), new Random(i));
                done.add(clients.submit(() -> {
                    client.run();
                    return null;
                }));
            }
            clients.shutdown();
            for (Future<?> client : done) {
                client.get();
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> proxy.requests() == 0 && proxy.connections() == 0);
            proxy.stop(Duration.ZERO);
            assertThat(origin.count()).isPositive();
            await().untilAsserted(() ->
                    assertThat(buffers.getLeaks()).as(buffers::dumpLeaks).isEmpty());
        }
    }

    @Test
    void a_request_that_is_not_as_long_as_it_said_leaves_nothing_behind() throws Exception {
        try (RawOrigin origin = RawOrigin.answering(call -> call.send(RawOrigin.ok(new String(call.body()))));
                HttpCache cache = HttpCache.builder().build();
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .port(0)
                        .cache(cache)
                        .buffers(buffers)
                        .build()) {
            proxy.start();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
                socket.setSoTimeout(10_000);
                Client.send(
                        socket, HELLO + tooShortAndTooLong() + Http2Frames.frame(Http2Frames.PING, 0, 0, "12345678"));
                InputStream in = new BufferedInputStream(socket.getInputStream());
                while (Http2Frames.read(in).type() != Http2Frames.PING) {
                    // all requests have been seen when it is answered
                }
                await().atMost(Duration.ofSeconds(20)).until(() -> proxy.requests() == 0);
                assertThat(proxy.connections()).isEqualTo(1);
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> proxy.connections() == 0);
            proxy.stop(Duration.ZERO);
            await().untilAsserted(() ->
                    assertThat(buffers.getLeaks()).as(buffers::dumpLeaks).isEmpty());
        }
    }

    /** Thirty requests that announce five bytes, and have three, six, or three and trailers. */
    private static String tooShortAndTooLong() {
        String head = Http2Frames.head("POST", "/a", "content-length", "5");
        StringBuilder requests = new StringBuilder();
        for (int stream = 1; stream < 60; stream += 6) {
            requests.append(Http2Frames.frame(Http2Frames.HEADERS, Http2Frames.END_HEADERS, stream, head))
                    .append(Http2Frames.frame(DATA, END_STREAM, stream, "abc"))
                    .append(Http2Frames.frame(Http2Frames.HEADERS, Http2Frames.END_HEADERS, stream + 2, head))
                    .append(Http2Frames.frame(DATA, 0, stream + 2, "abcdef"))
                    .append(Http2Frames.frame(Http2Frames.HEADERS, Http2Frames.END_HEADERS, stream + 4, head))
                    .append(Http2Frames.frame(DATA, 0, stream + 4, "abc"))
                    .append(Http2Frames.frame(
                            Http2Frames.HEADERS, Http2Frames.END_HEADERS | END_STREAM, stream + 4, ""));
        }
        return requests.toString();
    }

    @Test
    void a_client_that_is_cut_off_in_the_middle_of_a_frame_leaves_nothing_of_its_other_requests() throws Exception {
        CountDownLatch cutOff = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    cutOff.await();
                    call.send(RawOrigin.ok("late"));
                });
                HttpCache cache = HttpCache.builder().build();
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .port(0)
                        .cache(cache)
                        .buffers(buffers)
                        .limits(Limits.DEFAULT.withRate(100, Duration.ofSeconds(1)))
                        .build()) {
            proxy.start();
            try (RawClient slow = RawClient.to(proxy.port())) {
                // of no known type: the buffer of a head that does not end stays in Jetty's parser, and goes with it
                slow.send(HELLO + Http2Frames.asking(1, "/late") + "\0\1\360\77\0\0\0\0\0");
                await().until(() -> origin.count() == 1);
                await().ignoreExceptions()
                        .pollInterval(Duration.ofMillis(100))
                        .until(() -> proxy.connections() == 0 || slow.send("x") == null);
            }
            cutOff.countDown();
            await().until(() -> proxy.requests() == 0);
            proxy.stop(Duration.ZERO);
            await().untilAsserted(() ->
                    assertThat(buffers.getLeaks()).as(buffers::dumpLeaks).isEmpty());
        }
    }

    /** Asks for ten things at once, and takes only some of them whole. */
    private record Client(int port, Random random) {
        void run() throws IOException {
            boolean hangsUp = random.nextBoolean();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(10_000);
                if (random.nextBoolean()) {
                    socket.setSoLinger(true, 0);
                }
                StringBuilder requests = new StringBuilder(hangsUp && random.nextBoolean() ? HELLO : HUNGRY_HELLO);
                for (int stream = 1; stream < 2 * STREAMS; stream += 2) {
                    String path = (random.nextBoolean() ? "/kept" : "/passing") + random.nextInt(20);
                    requests.append(Http2Frames.asking(stream, path));
                }
                send(socket, requests.toString());
                if (hangsUp) {
                    socket.getInputStream().skipNBytes(random.nextInt(60_000));
                    send(socket, Http2Frames.asking(2 * STREAMS + 1, "/kept0").substring(random.nextInt(60)));
                } else {
                    takeSome(socket);
                }
            }
        }

        /** Resets half of the streams at some frame; the others have to come whole. */
        private void takeSome(Socket socket) throws IOException {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Map<Integer, Integer> received = new HashMap<>();
            int ended = 0;
            for (int frames = 0; ended < STREAMS / 2; frames++) {
                Frame frame = Http2Frames.read(in);
                if (frame.type() == DATA) {
                    received.merge(frame.stream(), frame.payload().length, Integer::sum);
                }
                if (frame.is(DATA, END_STREAM) && frame.stream() % 4 == 1) {
                    assertThat(received.get(frame.stream())).isEqualTo(LENGTH);
                    ended++;
                }
                int reset = 4 * frames + 3;
                if (reset < 2 * STREAMS && random.nextBoolean()) {
                    send(socket, Http2Frames.reset(reset));
                }
            }
        }

        private static void send(Socket socket, String frames) throws IOException {
            socket.getOutputStream().write(frames.getBytes(StandardCharsets.ISO_8859_1));
        }
    }
}
