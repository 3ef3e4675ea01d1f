package io.cachingproxy.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** A content as a blocking stream. */
final class ContentInputStream extends InputStream {
    private final Content content;
    /** Has a permit after a demand was answered or the stream was closed. */
    private final Semaphore ready = new Semaphore(0);

    private final Object lock = new Object();
    private @Nullable Chunk chunk;
    private ByteBuffer left = ByteBuffer.allocate(0);
    /** Set while a demand is pending, also after an interrupted read. */
    private boolean demanded;

    private boolean ended;
    private boolean closed;

    ContentInputStream(Content content) {
        this.content = content;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, to.length);
        if (length == 0) {
            return 0;
        }
        while (true) {
            synchronized (lock) {
                advance();
                if (left.hasRemaining()) {
                    int count = Math.min(length, left.remaining());
                    left.get(to, offset, count);
                    return count;
                }
                if (ended) {
                    return -1;
                }
            }
            await();
        }
    }

    /** Advances to a chunk with bytes or to the end; else leaves a demand pending. */
    private void advance() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        while (!left.hasRemaining() && !ended && !demanded) {
            release();
            Chunk next = content.read();
            if (next == null) {
                demanded = true;
                content.demand(ready::release);
            } else if (next.isEnd()) {
                ended = true;
            } else {
                chunk = next;
                left = next.bytes().duplicate();
            }
        }
    }

    private void await() throws IOException {
        try {
            ready.acquire();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw (IOException)
                    new InterruptedIOException("interrupted while waiting for content").initCause(interrupted);
        }
        synchronized (lock) {
            demanded = false;
        }
    }

    @Override
    public int available() {
        synchronized (lock) {
            return left.remaining();
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            release();
            content.cancel();
        }
        ready.release();
    }

    private void release() {
        Chunk read = chunk;
        chunk = null;
        left = ByteBuffer.allocate(0);
        if (read != null) {
            read.release();
        }
    }
}
