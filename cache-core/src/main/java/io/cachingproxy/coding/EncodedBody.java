package io.cachingproxy.coding;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The encoder of one body. Each piece is encoded and flushed on its own, so that the bytes of a slow origin reach the
 * client at once, and no more than the encoded form of one piece is buffered.
 *
 * <p>Thread-safe, because a timeout may {@link #close} it while a piece is encoded. The memory of the coding is
 * allocated with the first piece and released by {@link #finish} or {@link #close}.
 */
public final class EncodedBody implements AutoCloseable {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int PIECE = 8 * 1024;

    private final ContentCoding coding;
    private final @Nullable Long length;
    private final Runnable released;
    private final ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    private @Nullable OutputStream encoder;
    private long received;
    private boolean closed;

    /**
     * An encoder without memory yet.
     *
     * @param length of the body before encoding, in bytes; null if unknown
     * @param released run once when the encoder needs no memory any more
     */
    EncodedBody(ContentCoding coding, @Nullable Long length, Runnable released) {
        this.coding = coding;
        this.length = length;
        this.released = released;
    }

    /** Encodes a piece; returns no bytes after the end. The position of {@code bytes} does not change. */
    public synchronized ByteBuffer encode(ByteBuffer bytes) {
        received += bytes.remaining();
        if (closed) {
            return NOTHING;
        }
        try {
            OutputStream to = encoder();
            write(bytes.duplicate(), to);
            if (length == null || received != length) { // else the end follows
                to.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return taken();
    }

    private OutputStream encoder() throws IOException {
        OutputStream known = encoder;
        if (known == null) {
            known = coding.encode(encoded);
            encoder = known;
        }
        return known;
    }

    private static void write(ByteBuffer bytes, OutputStream to) throws IOException {
        byte[] piece = new byte[Math.min(PIECE, bytes.remaining())];
        while (bytes.hasRemaining()) {
            int count = Math.min(piece.length, bytes.remaining());
            bytes.get(piece, 0, count);
            to.write(piece, 0, count);
        }
    }

    private ByteBuffer taken() {
        ByteBuffer bytes = encoded.size() == 0 ? NOTHING : ByteBuffer.wrap(encoded.toByteArray());
        encoded.reset();
        return bytes;
    }

    /**
     * Whether the body can be ended: it was as long as its Content-Length before encoding (RFC 9110 §8.6), and was not
     * closed.
     */
    public synchronized boolean isWhole() {
        return !closed && (length == null || length == received);
    }

    /** Ends the body and returns its last bytes. */
    public synchronized ByteBuffer finish() {
        if (closed) {
            return NOTHING;
        }
        closed = true;
        try (OutputStream ending = encoder()) {
            encoder = null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            released.run();
        }
        return taken();
    }

    /** Releases the memory of a body that has not ended; never fails. */
    @Override
    public synchronized void close() {
        if (!closed) {
            released.run();
        }
        closed = true;
        try (OutputStream abandoned = encoder) {
            encoder = null;
        } catch (IOException e) {
            // its bytes are not read
        }
        encoded.reset();
    }
}
