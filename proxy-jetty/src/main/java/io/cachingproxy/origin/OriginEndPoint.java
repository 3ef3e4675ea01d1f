package io.cachingproxy.origin;

import io.cachingproxy.net.GatheringEndPoint;
import io.cachingproxy.net.SocketWrites;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The socket of an origin connection; detects connection resets. Jetty reports a reset as the end of the input, so that
 * a truncated body delimited by the end of the connection would count as complete (RFC 9112 §8).
 */
final class OriginEndPoint extends GatheringEndPoint {
    private volatile boolean reset;

    OriginEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            SocketWrites writes) {
        super(channel, selector, key, scheduler, writes);
    }

    /** Whether a read failed, so that the end of the input is a connection reset. */
    boolean isReset() {
        return reset;
    }

    @Override
    public int fill(ByteBuffer buffer) {
        if (isInputShutdown()) {
            return -1;
        }
        int position = BufferUtil.flipToFill(buffer);
        int filled;
        try {
            filled = getChannel().read(buffer);
        } catch (IOException broken) {
            reset = true;
            filled = -1;
        } finally {
            BufferUtil.flipToFlush(buffer, position);
        }
        if (filled > 0) {
            notIdle();
        } else if (filled < 0) {
            shutdownInput();
        }
        return filled;
    }
}
