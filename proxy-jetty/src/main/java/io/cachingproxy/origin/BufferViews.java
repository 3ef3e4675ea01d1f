package io.cachingproxy.origin;

import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * Read-write views of pooled buffers, each with its own position and limit, because Jetty may clear a recycled buffer.
 *
 * <p>If a response fails in one of its listeners, Jetty's HTTP/1 client clears the buffer after it has returned
 * the buffer to the pool. Another connection that has acquired the buffer meanwhile would lose its content: a request
 * would never be answered, or a response would be truncated. Clearing a view does not affect other views.
 */
final class BufferViews extends ByteBufferPool.Wrapper {
    BufferViews(ByteBufferPool pool) {
        super(pool);
    }

    @Override
    public RetainableByteBuffer.Mutable acquire(int size, boolean direct) {
        RetainableByteBuffer.Mutable buffer = super.acquire(size, direct);
        return RetainableByteBuffer.wrap(buffer.getByteBuffer().duplicate(), buffer);
    }
}
