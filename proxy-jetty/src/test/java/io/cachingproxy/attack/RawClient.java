package io.cachingproxy.attack;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client that sends exact bytes on one connection. No read takes longer than 10 s. */
final class RawClient implements AutoCloseable {
    private final Socket socket;

    RawClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    RawClient(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
    }

    /** Sends each char as one byte. */
    RawClient send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** Waits for up to {@code time} in each read from now on. */
    void patience(Duration time) throws IOException {
        socket.setSoTimeout((int) time.toMillis());
    }

    /** Says that no more comes. */
    RawClient end() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Whether there is something to read. */
    boolean isAnswered() {
        try {
            return socket.getInputStream().available() > 0;
        } catch (IOException closed) {
            return false;
        }
    }

    /** The next response, interim or final. */
    Message response() throws IOException {
        return Message.response(socket.getInputStream(), false);
    }

    Message responseToHead() throws IOException {
        return Message.response(socket.getInputStream(), true);
    }

    /** All that comes until the proxy closes the connection; fails if it does not. */
    String untilClosed() throws IOException {
        StringBuilder all = new StringBuilder();
        try {
            for (int next = socket.getInputStream().read();
                    next >= 0;
                    next = socket.getInputStream().read()) {
                all.append((char) next);
            }
        } catch (SocketException reset) {
            // closed, too: with bytes of ours unread
        }
        return all.toString();
    }

    /** Reads up to the end of {@code text}; fails if the proxy closes the connection before. */
    void until(String text) throws IOException {
        StringBuilder all = new StringBuilder();
        while (all.indexOf(text) < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new EOFException("closed without " + text);
            }
            all.append((char) next);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
