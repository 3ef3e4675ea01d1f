package io.cachingproxy.jetty.front;

import io.cachingproxy.net.GatheringEndPoint;
import io.cachingproxy.net.SocketWrites;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The socket of a client connection, whose writes retain no per-thread direct memory. */
public final class ClientEndPoint extends GatheringEndPoint {
    private static final Logger LOG = LoggerFactory.getLogger(ClientEndPoint.class);

    private volatile boolean unfinished;

    public ClientEndPoint(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            SocketWrites writes) {
        super(channel, selector, key, scheduler, writes);
    }

    /**
     * Sets whether a response delimited by the end of the connection is in progress. If the socket closes meanwhile, the
     * client gets a TCP reset.
     */
    public void unfinished(boolean value) {
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
}
