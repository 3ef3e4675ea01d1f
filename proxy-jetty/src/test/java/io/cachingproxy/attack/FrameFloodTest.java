package io.cachingproxy.attack;

import static io.cachingproxy.testkit.Http2Frames.ACK;
import static io.cachingproxy.testkit.Http2Frames.DATA;
import static io.cachingproxy.testkit.Http2Frames.END_HEADERS;
import static io.cachingproxy.testkit.Http2Frames.END_STREAM;
import static io.cachingproxy.testkit.Http2Frames.GO_AWAY;
import static io.cachingproxy.testkit.Http2Frames.HEADERS;
import static io.cachingproxy.testkit.Http2Frames.HELLO;
import static io.cachingproxy.testkit.Http2Frames.HUNGRY_HELLO;
import static io.cachingproxy.testkit.Http2Frames.PING;
import static io.cachingproxy.testkit.Http2Frames.PRIORITY;
import static io.cachingproxy.testkit.Http2Frames.RST_STREAM;
import static io.cachingproxy.testkit.Http2Frames.SETTINGS;
import static io.cachingproxy.testkit.Http2Frames.WINDOW_UPDATE;
import static io.cachingproxy.testkit.Http2Frames.asking;
import static io.cachingproxy.testkit.Http2Frames.frame;
import static io.cachingproxy.testkit.Http2Frames.head;
import static io.cachingproxy.testkit.Http2Frames.integer;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Http2Frames;
import io.cachingproxy.testkit.Http2Frames.Frame;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that ask for nothing are taken at a bounded rate; who needs many to read fast may send them. */
class FrameFloodTest extends Attack {
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int MANY = 500_000;
    private static final int UNKNOWN = 0x77;

    private final CountDownLatch released = new CountDownLatch(1);

    @BeforeEach
    void holdBack() {
        origin.on("/held", (request, connection) -> released.await());
    }

    @AfterEach
    void release() {
        released.countDown();
    }

    static Stream<Arguments> floods() {
        return Stream.of(
                Arguments.of("windows of the connection", frame(WINDOW_UPDATE, 0, 0, integer(1))),
                Arguments.of("windows of an open stream", frame(WINDOW_UPDATE, 0, 1, integer(1))),
                Arguments.of("windows of a stream that is over", frame(WINDOW_UPDATE, 0, 3, integer(1))),
                Arguments.of("settings", frame(SETTINGS, 0, 0, "")),
                Arguments.of("settings with a value", frame(SETTINGS, 0, 0, "\0\4" + integer(70_000))),
                Arguments.of("acknowledged settings", frame(SETTINGS, ACK, 0, "")),
                Arguments.of("pings", frame(PING, 0, 0, "12345678")),
                Arguments.of("acknowledged pings", frame(PING, ACK, 0, "12345678")),
                Arguments.of("priorities", frame(PRIORITY, 0, 1, integer(0) + "\1")),
                Arguments.of("empty data", frame(DATA, 0, 5, "")),
                Arguments.of("resets", frame(RST_STREAM, 0, 3, integer(8))),
                Arguments.of("frames of no known type", frame(UNKNOWN, 0, 0, "")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void a_flood_ends_the_connection(String name, String flood) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            socket.setSoTimeout(20_000);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            write(
                    socket,
                    HELLO
                            + asking(1, "/held")
                            + asking(3, "/a")
                            + frame(HEADERS, END_HEADERS, 5, head("POST", "/held")));
            awaitEnd(in, 3);
            Thread flooding = new Thread(() -> {
                String thousand = flood.repeat(1000);
                try {
                    for (int i = 0; i < MANY; i += 1000) {
                        write(socket, thousand);
                    }
                } catch (IOException closed) {
                    // as it should be
                }
            });
            flooding.start();
            assertThat(lastError(in)).isIn(ENHANCE_YOUR_CALM, -1);
            flooding.join();
        }
        assertThat(victim("/victim").body()).isEqualTo("GET /victim");
    }

    /** The error of the GOAWAY that ends the connection; -1 if the end of the connection overtook it. */
    private static int lastError(InputStream in) throws IOException {
        try {
            for (Frame frame = Http2Frames.read(in); ; frame = Http2Frames.read(in)) {
                if (frame.type() == GO_AWAY) {
                    return frame.payload()[7];
                }
            }
        } catch (SocketException | EOFException ended) {
            return -1;
        }
    }

    private static void awaitEnd(InputStream in, int stream) throws IOException {
        Frame frame = Http2Frames.read(in);
        while (frame.stream() != stream || !frame.is(DATA, END_STREAM)) {
            frame = Http2Frames.read(in);
        }
    }

    private static void write(Socket socket, String bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    @Test
    void a_reader_that_opens_its_windows_with_each_frame_gets_all() throws Exception {
        int length = 64 << 20;
        origin.on("/large", (request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: " + length + "\r\n\r\n");
            String piece = "x".repeat(1 << 16);
            for (int sent = 0; sent < length; sent += piece.length()) {
                connection.send(piece);
            }
        });
        assertAllIsRead("/large", length);
    }

    @Test
    void also_if_the_frames_are_small() throws Exception {
        int chunks = 20_000;
        origin.on("/chunks", (request, connection) -> {
            connection.send("HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "32\r\n" + "x".repeat(50) + "\r\n";
            for (int i = 0; i < chunks / 100; i++) {
                connection.send(chunk.repeat(100));
            }
            connection.send("0\r\n\r\n");
        });
        assertAllIsRead("/chunks", 50 * chunks);
    }

    private void assertAllIsRead(String target, int length) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            socket.setSoTimeout(20_000);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            write(socket, HUNGRY_HELLO + asking(1, target));
            int received = 0;
            while (received < length) {
                Frame frame = Http2Frames.read(in);
                assertThat(frame.type()).isNotEqualTo(GO_AWAY);
                int bytes = frame.payload().length;
                if (frame.type() == DATA && bytes > 0) {
                    received += bytes;
                    write(
                            socket,
                            frame(WINDOW_UPDATE, 0, 0, integer(bytes)) + frame(WINDOW_UPDATE, 0, 1, integer(bytes)));
                }
            }
        }
    }
}
