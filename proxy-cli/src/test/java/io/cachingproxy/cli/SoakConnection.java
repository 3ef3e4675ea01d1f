package io.cachingproxy.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A client's connection: one request at a time, whose response is read to its end, slowly, or not at all. */
final class SoakConnection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** The head of a response; field names in lower case. */
    record Head(int status, Map<String, String> fields) {
        long version() {
            return Long.parseLong(fields.getOrDefault("etag", "\"-1\"").replace("\"", ""));
        }

        boolean isHit() {
            return fields.getOrDefault("x-cache", "").startsWith("HIT");
        }

        boolean closes() {
            return fields.getOrDefault("connection", "").equalsIgnoreCase("close");
        }
    }

    SoakConnection(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(30_000);
        in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
    }

    Head ask(String method, String path, String fields) throws IOException {
        send(method, path, fields);
        return head();
    }

    void send(String method, String path, String fields) throws IOException {
        String head = method + ' ' + path + " HTTP/1.1\r\nHost: localhost:" + socket.getPort() + "\r\n" + fields
                + (method.equals("POST") ? "Content-Length: 0\r\n" : "") + "\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    }

    private Head head() throws IOException {
        String status = line();
        Map<String, String> received = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            received.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Head(Integer.parseInt(status.substring(9, 12)), received);
    }

    /** All of the body, in pieces of 64 KiB, after each of which the reader rests. */
    byte[] body(Head head, long restMillis) throws IOException {
        if (head.status() == 204 || head.status() == 304) {
            return new byte[0];
        }
        if (head.fields().containsKey("transfer-encoding")) {
            return chunks();
        }
        byte[] body = new byte[Integer.parseInt(head.fields().get("content-length"))];
        for (int at = 0; at < body.length; at += 64 * 1024) {
            rest(restMillis);
            int length = Math.min(64 * 1024, body.length - at);
            if (in.readNBytes(body, at, length) < length) {
                throw new EOFException("the body ended early");
            }
        }
        return body;
    }

    private void rest(long millis) throws IOException {
        try {
            if (closed.await(millis, TimeUnit.MILLISECONDS)) {
                throw new EOFException("the connection was closed");
            }
        } catch (InterruptedException stopped) {
            throw new InterruptedIOException();
        }
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int length = Integer.parseInt(line(), 16);
            body.writeBytes(in.readNBytes(length));
            line();
            if (length == 0) {
                return body.toByteArray();
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            socket.close();
        } catch (IOException ignored) { // it is gone in any case
        }
    }
}
