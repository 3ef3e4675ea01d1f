package io.cachingproxy.jetty;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The socket of a client, whose writes keep no direct memory for a thread. */
final class ClientEndPoint extends SocketChannelEndPoint {
    private static final Logger LOG = LoggerFactory.getLogger(ClientEndPoint.class);

    private final SocketWrites writes;
    private volatile boolean unfinished;

    ClientEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            SocketWrites writes) {
        super(channel, selector, key, scheduler);
        this.writes = writes;
    }

    /**
     * Whether a response is under way of which only the end of the connection would say that it is whole. If the socket is
     * closed then, the client gets a reset.
     */
    void unfinished(boolean value) {
        unfinished = value;
    }

    @Override
    public void doClose() {
        if (unfinished) {
            try {
                getChannel().setOption(StandardSocketOptions.SO_LINGER, 0);
            } catch (IOException gone) {
                LOG.trace("closed already", gone);
            }
        }
        super.doClose();
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
