package io.cachingproxy.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The content of a message, pulled by one reader: {@link #read()} what is there, {@link #demand} to be called when
 * there is more. So back-pressure is what a reader does not do. Not for more than one thread at a time.
 */
public interface Content {
    /** What {@link #read()} returns once all was read; see {@link Chunk#isEnd}. */
    Chunk END = new Chunk(ByteBuffer.allocate(0), () -> {});

    /**
     * The next chunk; null if there is none yet; {@link #END} after the last, for ever. The reader owns the chunk and
     * releases it.
     *
     * @throws IOException if the content broke off: what was read so far is not all of it
     */
    @Nullable
    Chunk read() throws IOException;

    /**
     * Calls {@code ready} once, as soon as {@link #read()} will not return null: at once on this thread, or later on the
     * producer's, where it must not block. At most one demand is open at a time.
     */
    void demand(Runnable ready);

    /** Tells that the reader will read no more. Does nothing after the end. */
    void cancel();

    /**
     * Whether the reader was cut off because it was too slow: what it has not read is lost, and a write that still waits
     * for its client should be aborted.
     */
    default boolean isCutOff() {
        return false;
    }

    /** The trailer section (RFC 9110 §6.5), known once all was read; mostly empty. */
    default Headers trailers() {
        return Headers.EMPTY;
    }

    /**
     * Reads all that is left, in place of {@link #read()} and {@link #demand}. Does not block.
     *
     * @param max the most bytes that are taken, 0 or more
     * @return the bytes; fails with {@link ContentTooLongException} as soon as there are more than {@code max}, and the
     *     content is then cancelled; fails with another {@link IOException} if the content breaks off
     * @throws IllegalArgumentException if {@code max} is negative
     */
    default CompletionStage<byte[]> readAll(int max) {
        return new ContentCollector(this, max).collect();
    }

    /**
     * A stream of all that is left, in place of {@link #read()} and {@link #demand}. Its reads block until bytes are there,
     * and fail with an {@link IOException} if the content breaks off, or with an {@link java.io.InterruptedIOException} if
     * the thread is interrupted. Closing it cancels the content, also while another thread reads.
     */
    default InputStream asInputStream() {
        return new ContentInputStream(this);
    }

    /** Content without a byte. */
    static Content empty() {
        return BufferContent.EMPTY;
    }

    /** Content of these buffers, in their order; their positions are left alone. */
    static Content of(ByteBuffer... buffers) {
        return new BufferContent(buffers);
    }

    /**
     * Content that is published, subscribed to with the first {@link #read()} or {@link #demand}. At most one buffer waits
     * for the reader; the next one is requested when that is read. Cancelling the content cancels the subscription; an
     * error of the publisher is an {@link IOException} of {@link #read()}, after the buffers that came before it.
     *
     * @param publisher of buffers that belong to the content from then on, and are not changed any more; a publisher that
     *     sends more than was requested is cancelled and counts as broken off
     */
    static Content of(Flow.Publisher<ByteBuffer> publisher) {
        return new PublisherContent(publisher);
    }
}
