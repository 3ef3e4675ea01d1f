package io.cachingproxy.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client on a real socket that sends exact bytes and reads at its own pace. No read takes longer than 5 s. */
public final class RawClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Socket socket;
    private final InputStream in;

    private RawClient(int port, int receiveBuffer) {
        try {
            socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public static RawClient to(int port) {
        return new RawClient(port, 0);
    }

    /** A client whose kernel takes but a few bytes that it does not read. */
    public static RawClient stallingAt(int port) {
        return new RawClient(port, 4096);
    }

    /** Sends {@code request} on a connection of its own, and reads the response to its end. */
    public static Reply ask(int port, String request) {
        return ask(port, request, PATIENCE);
    }

    /** The same, where no read takes longer than {@code patience}. */
    public static Reply ask(int port, String request, Duration patience) {
        try (RawClient client = to(port)) {
            client.patience(patience);
            client.send(request);
            return request.startsWith("HEAD ") ? new Reply(client.head(), new byte[0], "") : client.reply();
        }
    }

    private void patience(Duration most) {
        on(() -> {
            socket.setSoTimeout((int) most.toMillis());
            return null;
        });
    }

    /** A request head without a body. */
    public static String request(String method, String target, String... headerLines) {
        String lines = headerLines.length == 0 ? "" : String.join("\r\n", headerLines) + "\r\n";
        return method + " " + target + " HTTP/1.1\r\nHost: proxy\r\n" + lines + "\r\n";
    }

    public RawClient send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient send(byte[] bytes) {
        return on(() -> {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return this;
        });
    }

    /** The next response, interim ones passed over; throws unless it ends as it was framed. */
    public Reply reply() {
        String head = head();
        return on(() -> {
            boolean bodiless = head.contains(" 304 ") || head.contains(" 204 ");
            Wire.Body body = bodiless ? new Wire.Body(new byte[0], "") : Wire.body(in, head, true);
            return new Reply(head, body.bytes(), body.trailers());
        });
    }

    /** The head of the next response that is not an interim one. */
    public String head() {
        String head = anyHead();
        while (head.startsWith("HTTP/1.1 1")) {
            head = anyHead();
        }
        return head;
    }

    /** The head of the next response, interim or not. */
    public String anyHead() {
        return on(() -> Wire.head(in));
    }

    /** The next {@code count} bytes, framing included. */
    public String read(int count) {
        return on(() -> new String(Wire.exactly(in, count), StandardCharsets.ISO_8859_1));
    }

    /** The data of the next chunk of a chunked body. The line end after it may come with the next one. */
    public String chunk() {
        return on(() -> {
            String line = Wire.line(in);
            int size = Integer.parseInt(line.isEmpty() ? Wire.line(in) : line, 16);
            return new String(Wire.exactly(in, size), StandardCharsets.ISO_8859_1);
        });
    }

    /** All that comes until the connection ends, in whatever way. */
    public String rest() {
        StringBuilder rest = new StringBuilder();
        try {
            for (int b = in.read(); b >= 0; b = in.read()) {
                rest.append((char) b);
            }
        } catch (java.net.SocketException reset) {
            // an end, too
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return rest.toString();
    }

    private interface Action<T> {
        T run() throws IOException;
    }

    private static <T> T on(Action<T> action) {
        try {
            return action.run();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Hangs up. */
    @Override
    public void close() {
        on(() -> {
            socket.close();
            return null;
        });
    }
}
