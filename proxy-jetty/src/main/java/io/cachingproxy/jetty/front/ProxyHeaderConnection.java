package io.cachingproxy.jetty.front;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.ProxyConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that reads the PROXY protocol header. The connection that replaces it gets the addresses in the header
 * and the bytes after it.
 */
final class ProxyHeaderConnection extends AbstractConnection implements Connection.UpgradeFrom {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeaderConnection.class);

    private final Connector connector;
    private final ConnectionFactory next;
    private final long opened = System.nanoTime();
    private final ByteBuffer received = ByteBuffer.allocate(ProxyHeader.LONGEST).limit(0);

    ProxyHeaderConnection(EndPoint peer, Connector connector, ConnectionFactory next) {
        super(peer, connector.getExecutor());
        this.connector = connector;
        this.next = next;
    }

    /** Whether the header is still incomplete after that time. */
    boolean isLate(Duration gracePeriod) {
        return System.nanoTime() - opened > gracePeriod.toNanos();
    }

    @Override
    public void onOpen() {
        super.onOpen();
        fillInterested();
    }

    @Override
    public void onFillable() {
        try {
            int filled = 1;
            while (filled > 0) {
                filled = getEndPoint().fill(received);
                ProxyHeader header = filled > 0 ? ProxyHeader.read(received) : null;
                if (header != null) {
                    goOn(header);
                    return;
                }
            }
            if (filled == 0) {
                fillInterested();
            } else {
                close();
            }
        } catch (ProtocolException malformed) {
            LOG.debug("{} from {}", malformed.getMessage(), getEndPoint().getRemoteSocketAddress());
            close();
        } catch (IOException gone) {
            close();
        }
    }

    private void goOn(ProxyHeader header) {
        received.position(header.length());
        EndPoint peer = getEndPoint();
        EndPoint client = header.client() == null
                ? peer
                : new ProxyConnectionFactory.ProxyEndPoint(peer, header.server(), header.client());
        client.upgrade(next.newConnection(connector, client));
    }

    @Override
    public @Nullable ByteBuffer onUpgradeFrom() {
        return received.hasRemaining() ? received : null;
    }
}
