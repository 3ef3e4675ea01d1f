package io.cachingproxy.jetty;

import io.cachingproxy.http.AddressRanges;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;

/**
 * The PROXY protocol, versions 1 and 2, from trusted peers: their connections begin with it or are closed. Those of all
 * others begin with HTTP or TLS, so that nobody else can choose the address that he is known by.
 */
final class TrustedProxyProtocol extends AbstractConnectionFactory {
    private final AddressRanges trusted;
    private final String next;

    /**
     * In front of a protocol.
     *
     * @param next the name of the protocol that follows
     */
    TrustedProxyProtocol(AddressRanges trusted, String next) {
        super("[proxy]");
        this.trusted = trusted;
        this.next = next;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint peer) {
        ConnectionFactory following = connector.getConnectionFactory(next);
        return trusted.contains(peer.getRemoteSocketAddress())
                ? configure(new ProxyHeaderConnection(peer, connector, following), connector, peer)
                : following.newConnection(connector, peer);
    }
}
