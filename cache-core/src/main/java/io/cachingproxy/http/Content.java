package io.cachingproxy.http;

import java.io.IOException;
import java.nio.ByteBuffer;
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

    /** Content without a byte. */
    static Content empty() {
        return of();
    }

    /** Content of these buffers, in their order; their positions are left alone. */
    static Content of(ByteBuffer... buffers) {
        return new BufferContent(buffers);
    }
}
