package io.cachingproxy.testkit;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One request at a {@link RawOrigin}: what came, and what is done with it. */
public final class OriginCall {
    private final Socket socket;
    private final String head;
    private final int number;

    OriginCall(Socket socket, String head, int number) {
        this.socket = socket;
        this.head = head;
        this.number = number;
    }

    /** The head, byte for byte, with the empty line. */
    public String head() {
        return head;
    }

    /** Which request this is, from 1. */
    public int number() {
        return number;
    }

    /** The method and target. */
    public String line() {
        return head.substring(0, head.indexOf(" HTTP/"));
    }

    /** The whole body, by its framing. */
    public byte[] body() throws IOException {
        return Wire.body(socket.getInputStream(), head, false).bytes();
    }

    /** The next {@code count} bytes as they come, framing included. */
    public String read(int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    /** The next frame of HTTP/2. */
    public Http2Frames.Frame frame() throws IOException {
        return Http2Frames.read(socket.getInputStream());
    }

    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** One chunk of a chunked body. */
    public void chunk(String text) throws IOException {
        send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    /** Ends the connection in an orderly way, whatever was promised. */
    public void close() throws IOException {
        socket.close();
    }

    /** Ends the connection with a TCP reset. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Whether the other request came over the same connection. */
    public boolean sharesConnectionWith(OriginCall other) {
        return socket == other.socket;
    }

    /** Waits until the proxy gives up on this connection. */
    public void awaitHangUp() {
        try {
            while (socket.getInputStream().read() >= 0) {}
        } catch (IOException reset) {
            // gone, too
        }
    }
}
