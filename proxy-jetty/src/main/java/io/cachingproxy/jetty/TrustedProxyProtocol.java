package io.cachingproxy.jetty;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.ProxyConnectionFactory;

/**
 * The PROXY protocol, versions 1 and 2, from trusted peers: their connections begin with it or are closed. Those of all
 * others begin with HTTP or TLS, so that nobody else can choose the address that he is known by.
 */
final class TrustedProxyProtocol extends ProxyConnectionFactory {
    private final AddressRanges trusted;
    private final String next;

    /**
     * In front of a protocol.
     *
     * @param next the name of the protocol that follows
     */
    TrustedProxyProtocol(AddressRanges trusted, String next) {
        super(next);
        this.trusted = trusted;
        this.next = next;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint peer) {
        return trusted.contains(peer.getRemoteSocketAddress())
                ? super.newConnection(connector, peer)
                : connector.getConnectionFactory(next).newConnection(connector, peer);
    }

    /** Begins in another way; Jetty would leave the connection open. */
    @Override
    protected void nextProtocol(Connector connector, EndPoint peer, ByteBuffer begun) {
        peer.close();
    }
}
