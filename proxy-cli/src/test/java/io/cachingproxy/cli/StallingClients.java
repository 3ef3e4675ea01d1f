package io.cachingproxy.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Clients that ask for much and read nothing of it, over HTTP/1.1 and HTTP/2. */
final class StallingClients implements AutoCloseable {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA_WINDOW = 4;

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
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(PREFACE);
        frame(out, 4, 0, 0, new byte[] {0, DATA_WINDOW, 0, 0, 0, 0});
        int stream = 1;
        for (String target : targets) {
            frame(out, 1, 5, stream, head(target)); // END_HEADERS, END_STREAM
            stream += 2;
        }
        connect().getOutputStream().write(out.toByteArray());
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
