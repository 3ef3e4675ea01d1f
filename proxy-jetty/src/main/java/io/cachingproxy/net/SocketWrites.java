package io.cachingproxy.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Arrays;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.RetainableByteBuffer;

/**
 * Gathering writes of heap buffers through one pooled direct buffer.
 *
 * <p>The JDK copies each heap buffer of a gathering write into a temporary direct buffer, and retains up to 1024 of
 * these buffers per thread until the thread ends: 16 MB a thread with HTTP/2, which writes frames by the hundred. Here
 * a write borrows {@link #COPIED} bytes from the pool, and returns them when the write returns. Direct buffers, and a
 * single short heap buffer, are written without this copy.
 */
public final class SocketWrites {
    /** Maximum number of bytes copied from heap buffers for one system call. */
    static final int COPIED = 64 * 1024;

    /** Maximum number of buffers in one system call if some of them are copies. */
    private static final int VIEWS = 128;

    private final ByteBufferPool pool;

    public SocketWrites(ByteBufferPool pool) {
        this.pool = pool;
    }

    /**
     * Writes as much of {@code buffers} as {@code channel} accepts, and advances the positions of the buffers.
     *
     * @return the number of bytes written
     */
    long write(GatheringByteChannel channel, ByteBuffer... buffers) throws IOException {
        if (isPlain(buffers)) {
            return writePlain(channel, buffers);
        }
        RetainableByteBuffer copies = pool.acquire(COPIED, true);
        try {
            long all = 0;
            while (true) {
                ByteBuffer[] views = views(buffers, copies.getByteBuffer());
                long gathered = remaining(views);
                long written = gathered == 0 ? 0 : writePlain(channel, views);
                advance(buffers, written);
                all += written;
                if (gathered == 0 || written < gathered) {
                    return all;
                }
            }
        } finally {
            copies.release();
        }
    }

    /** Writes direct buffers. A single buffer is written without an array, which is cheaper in the JDK and the kernel. */
    private static long writePlain(GatheringByteChannel channel, ByteBuffer[] buffers) throws IOException {
        return buffers.length == 1 ? channel.write(buffers[0]) : channel.write(buffers);
    }

    /**
     * Whether the buffers include at most one short heap buffer, for which a thread retains at most one temporary
     * buffer.
     */
    private static boolean isPlain(ByteBuffer[] buffers) {
        int onHeap = 0;
        for (ByteBuffer buffer : buffers) {
            if (!buffer.isDirect() && buffer.hasRemaining()) {
                onHeap++;
                if (onHeap > 1 || buffer.remaining() > COPIED) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * The buffers of the next system call: direct buffers themselves, and copies of heap buffers until {@code space} is
     * full.
     */
    private static ByteBuffer[] views(ByteBuffer[] buffers, ByteBuffer space) {
        ByteBuffer copies = space.duplicate().clear().limit(COPIED);
        ByteBuffer[] views = new ByteBuffer[Math.min(buffers.length + 2, VIEWS)];
        int count = 0;
        int copied = 0; // start of the copies that are not in a view yet
        for (ByteBuffer buffer : buffers) {
            if (!buffer.hasRemaining()) {
                continue;
            }
            if (buffer.isDirect()) {
                if (count + 3 > views.length) { // this buffer, and the copies before and after it
                    break;
                }
                count = add(copies.slice(copied, copies.position() - copied), views, count);
                copied = copies.position();
                count = add(buffer.duplicate(), views, count);
                continue;
            }
            int length = Math.min(buffer.remaining(), copies.remaining());
            copies.put(copies.position(), buffer, buffer.position(), length);
            copies.position(copies.position() + length);
            if (length < buffer.remaining()) {
                break;
            }
        }
        count = add(copies.slice(copied, copies.position() - copied), views, count);
        return Arrays.copyOf(views, count);
    }

    private static int add(ByteBuffer view, ByteBuffer[] views, int count) {
        if (!view.hasRemaining()) {
            return count;
        }
        views[count] = view;
        return count + 1;
    }

    private static long remaining(ByteBuffer[] buffers) {
        long remaining = 0;
        for (ByteBuffer buffer : buffers) {
            remaining += buffer.remaining();
        }
        return remaining;
    }

    private static void advance(ByteBuffer[] buffers, long count) {
        long left = count;
        for (ByteBuffer buffer : buffers) {
            int taken = (int) Math.min(left, buffer.remaining());
            buffer.position(buffer.position() + taken);
            left -= taken;
        }
    }
}
