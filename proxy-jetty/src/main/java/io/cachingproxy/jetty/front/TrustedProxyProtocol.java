package io.cachingproxy.jetty.front;

import io.cachingproxy.http.AddressRanges;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;

/**
 * The PROXY protocol, versions 1 and 2, from trusted peers, whose connections are closed if they begin differently.
 * Connections of all other peers begin with HTTP or TLS, so that an untrusted peer cannot forge a client address.
 */
public final class TrustedProxyProtocol extends AbstractConnectionFactory {
    private final AddressRanges trusted;
    private final String next;

    /** @param next the name of the protocol after the PROXY header */
    public TrustedProxyProtocol(AddressRanges trusted, String next) {
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
