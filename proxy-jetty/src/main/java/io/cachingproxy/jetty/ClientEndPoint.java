package io.cachingproxy.jetty;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The socket of a client. A single buffer is written as such: as an array of one it is dearer to the JDK and the kernel. */
final class ClientEndPoint extends SocketChannelEndPoint {
    private static final Logger LOG = LoggerFactory.getLogger(ClientEndPoint.class);

    private volatile boolean unfinished;

    ClientEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
        super(channel, selector, key, scheduler);
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
        if (buffers.length != 1) {
            return super.flush(buffers);
        }
        try {
            if (getChannel().write(buffers[0]) > 0) {
                notIdle();
            }
        } catch (IOException gone) {
            throw new EofException(gone);
        }
        return !buffers[0].hasRemaining();
    }
}
