package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients that ask for much and read nothing of it, over HTTP/1.1 and HTTP/2. */
final class StallingClients implements AutoCloseable {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA_WINDOW = 4;
    private static final int CONNECTION_WINDOW = Integer.MAX_VALUE - 65_535;

    private final int port;
    private final List<Socket> sockets = new ArrayList<>();

    StallingClients(int port) {
        this.port = port;
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(8 * 1024);
        socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
        sockets.add(socket);
        return socket;
    }

    /** Asks for {@code target} on a connection of its own. */
    void http1(String target, String... fields) throws IOException {
        StringBuilder head = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: proxy\r\n");
        for (String field : fields) {
            head.append(field).append("\r\n");
        }
        connect().getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** Asks for all targets as streams of one connection, with a window of 0 for each. */
    void http2(List<String> targets) throws IOException {
        http2(targets, 0);
    }

    /** Asks for all targets as streams of one connection, with this window for each and one without end for the connection. */
    void http2(List<String> targets, int window) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(PREFACE);
        byte[] setting = ByteBuffer.allocate(6)
                .putShort((short) DATA_WINDOW)
                .putInt(window)
                .array();
        frame(out, 4, 0, 0, setting);
        frame(out, 8, 0, 0, ByteBuffer.allocate(4).putInt(CONNECTION_WINDOW).array());
        int stream = 1;
        for (String target : targets) {
            frame(out, 1, 5, stream, head(target)); // END_HEADERS, END_STREAM
            stream += 2;
        }
        connect().getOutputStream().write(out.toByteArray());
    }

    /** Goes on to read on all connections at once, {@code length} bytes on each. */
    void readAll(long length) throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(sockets.size());
        try {
            List<Future<Long>> read = new ArrayList<>();
            for (Socket socket : sockets) {
                socket.setSoTimeout(15_000);
                read.add(readers.submit(() -> read(socket.getInputStream(), length)));
            }
            for (Future<Long> one : read) {
                assertThat(one.get()).isGreaterThanOrEqualTo(length);
            }
        } finally {
            readers.shutdownNow();
        }
    }

    private static long read(InputStream in, long length) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long all = 0;
        for (int count = 0; all < length && count >= 0; all += Math.max(count, 0)) {
            count = in.read(buffer);
        }
        return all;
    }

    private static byte[] head(String target) {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        head.write(0x82); // GET
        head.write(0x86); // http
        literal(head, 4, target);
        literal(head, 1, "proxy");
        return head.toByteArray();
    }

    private static void literal(ByteArrayOutputStream head, int name, String value) {
        head.write(name);
        head.write(value.length());
        head.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    private static void frame(ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
        out.write(payload.length >> 16);
        out.write(payload.length >> 8);
        out.write(payload.length);
        out.write(type);
        out.write(flags);
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write(stream >> shift);
        }
        out.writeBytes(payload);
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }
}
