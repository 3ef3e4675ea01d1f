package io.cachingproxy.http;

import java.nio.ByteBuffer;

/** Content that is completely in memory. */
final class BufferContent implements Content {
    static final Content EMPTY = new BufferContent();

    private final ByteBuffer[] buffers;
    private int next;

    BufferContent(ByteBuffer... buffers) {
        this.buffers = buffers;
    }

    @Override
    public Chunk read() {
        return next < buffers.length ? Chunk.of(buffers[next++].duplicate()) : END;
    }

    @Override
    public void demand(Runnable ready) {
        ready.run();
    }

    @Override
    public void cancel() {
        next = buffers.length;
    }
}
