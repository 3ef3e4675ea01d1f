package io.cachingproxy.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The content of a message, pulled by one reader: {@link #read()} returns the available bytes, {@link #demand}
 * registers a callback for more. A reader applies back-pressure by not reading. Not thread-safe.
 */
public interface Content {
    /** Returned by {@link #read()} at the end of the content; see {@link Chunk#isEnd}. */
    Chunk END = new Chunk(ByteBuffer.allocate(0), () -> {});

    /**
     * Returns the next chunk; null if none is available yet; {@link #END} after the last chunk, at each call. The
     * reader owns the chunk and releases it.
     *
     * @throws IOException if the content was truncated: the chunks read so far are not the complete content
     */
    @Nullable
    Chunk read() throws IOException;

    /**
     * Calls {@code ready} once, as soon as {@link #read()} does not return null: immediately on this thread, or later
     * on the producer's thread, which {@code ready} must not block. At most one demand may be pending.
     */
    void demand(Runnable ready);

    /** Ends the reading early. Has no effect after the end of the content. */
    void cancel();

    /**
     * Whether the reader was cut off because it was too slow: unread bytes are lost, and a pending write to the client
     * should be aborted.
     */
    default boolean isCutOff() {
        return false;
    }

    /** The trailer section (RFC 9110 §6.5), complete after the end of the content; usually empty. */
    default Headers trailers() {
        return Headers.EMPTY;
    }

    /**
     * Reads the remaining content, instead of {@link #read()} and {@link #demand}. Does not block.
     *
     * @param max the maximum number of bytes, 0 or more
     * @return the bytes; fails with {@link ContentTooLongException} as soon as more than {@code max} bytes arrive, and
     *     then cancels the content; fails with another {@link IOException} if the content is truncated
     * @throws IllegalArgumentException if {@code max} is negative
     */
    default CompletionStage<byte[]> readAll(int max) {
        return new ContentCollector(this, max).collect();
    }

    /**
     * A stream of the remaining content, instead of {@link #read()} and {@link #demand}. Its reads block until bytes
     * are available, and fail with an {@link IOException} if the content is truncated, or with an {@link
     * java.io.InterruptedIOException} if the thread is interrupted. Closing it cancels the content, also while another
     * thread reads.
     */
    default InputStream asInputStream() {
        return new ContentInputStream(this);
    }

    /** Empty content. */
    static Content empty() {
        return BufferContent.EMPTY;
    }

    /** Content of these buffers, in order; their positions are not changed. */
    static Content of(ByteBuffer... buffers) {
        return new BufferContent(buffers);
    }

    /**
     * Content from a publisher, subscribed to at the first {@link #read()} or {@link #demand}. At most one buffer is
     * held for the reader; the next one is requested when the reader has taken it. Cancelling the content cancels the
     * subscription; after an error of the publisher, {@link #read()} returns the buffers received before and then
     * throws an {@link IOException}.
     *
     * @param publisher of buffers that must not be changed after they were published; a publisher that sends more than
     *     was requested is cancelled, and the content counts as truncated
     */
    static Content of(Flow.Publisher<ByteBuffer> publisher) {
        return new PublisherContent(publisher);
    }
}
