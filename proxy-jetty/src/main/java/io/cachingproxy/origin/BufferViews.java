package io.cachingproxy.origin;

import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * Lends the buffers of a pool as views, with a position and a limit that belong to whoever took them.
 *
 * <p>Jetty's HTTP/1 client empties the buffer of a response that fails while it is announced, after it has given that
 * buffer back. In another's hands by then, maybe that of a connection of the server, the buffer lost what it held: a
 * request that is never answered, or a response that breaks off. Of a view, only the view is emptied.
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
