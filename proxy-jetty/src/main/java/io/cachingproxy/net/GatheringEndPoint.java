package io.cachingproxy.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/** A socket that is written to by {@link SocketWrites}. */
public class GatheringEndPoint extends SocketChannelEndPoint {
    private final ManagedSelector selector;
    private final SocketWrites writes;

    public GatheringEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            SocketWrites writes) {
        super(channel, selector, key, scheduler);
        this.selector = selector;
        this.writes = writes;
    }

    /** The selector that waits for it. */
    public ManagedSelector selector() {
        return selector;
    }

    @Override
    public boolean flush(ByteBuffer... buffers) throws IOException {
        try {
            if (writes.write(getChannel(), buffers) > 0) {
                notIdle();
            }
        } catch (IOException gone) {
            throw new EofException(gone);
        }
        return BufferUtil.isEmpty(buffers);
    }
}
