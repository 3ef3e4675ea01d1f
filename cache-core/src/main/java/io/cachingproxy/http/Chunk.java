package io.cachingproxy.http;

import java.nio.ByteBuffer;

/**
 * A piece of content. Its reader must not change it, and may use it until {@link #release()}.
 *
 * @param bytes from position to limit; only valid until released
 * @param onRelease run by {@link #release()}, exactly once
 */
public record Chunk(ByteBuffer bytes, Runnable onRelease) {
    /** A chunk of memory that needs no release. */
    public static Chunk of(ByteBuffer bytes) {
        return new Chunk(bytes, Chunk::nothing);
    }

    private static void nothing() {}

    /** Whether this is {@link Content#END}. */
    @SuppressWarnings("ReferenceEquality") // an empty chunk equals it
    public boolean isEnd() {
        return this == Content.END;
    }

    public int length() {
        return bytes.remaining();
    }

    public void release() {
        onRelease.run();
    }

    /** A copy of the bytes on the heap, which remains valid after the release. */
    public ByteBuffer copy() {
        ByteBuffer copy = ByteBuffer.allocate(bytes.remaining());
        copy.put(bytes.duplicate()).flip();
        return copy;
    }
}
