package io.cachingproxy.jetty;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.net.Resuming;
import io.cachingproxy.net.SocketWrites;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** Where clients connect: HTTP/1.1 and HTTP/2 on one port, in the clear or over TLS. */
final class Listener {
    private static final int ACCEPT_QUEUE = 4096;
    private static final int MAX_STREAMS = 128;
    private static final int ACCEPTORS = 1;

    private static final int MAX_SELECTORS = 32;

    /** Hosts are left to {@link ClientConnection}, which is as strict but for an empty port. */
    private static final HttpCompliance COMPLIANCE =
            HttpCompliance.STRICT.with("caching-proxy", HttpCompliance.Violation.UNSAFE_HOST_HEADER);

    private Listener() {}

    /**
     * A connector that takes nothing that two readers could read in two ways.
     *
     * @param pending where writes are listed that wait for their clients
     * @param hits what is answered without a request of Jetty's
     * @param proxies who begins connections with the PROXY protocol; null: nobody
     */
    static ServerConnector of(
            Server server,
            HitConnection.Hits hits,
            PendingWrites pending,
            Limits limits,
            SslContextFactory.@Nullable Server tls,
            @Nullable AddressRanges proxies) {
        HttpConfiguration configuration = configuration(limits, tls == null ? "http" : "https");
        HttpConnectionFactory http1 = new HitConnection.Factory(configuration, hits, pending, limits.headers());
        SocketWrites writes = new SocketWrites(server.getByteBufferPool());
        ServerConnector connector =
                new ServerConnector(
                        server,
                        new Resuming(server.getThreadPool()),
                        null,
                        null,
                        ACCEPTORS,
                        selectors(),
                        tls == null
                                ? new ConnectionFactory[] {http1, h2(Http2Requests.inTheClear(configuration), limits)}
                                : secure(http1, h2(Http2Requests.secure(configuration), limits), tls)) {
                    @Override
                    protected SocketChannelEndPoint newEndPoint(
                            SocketChannel channel, ManagedSelector selector, SelectionKey key) {
                        SocketChannelEndPoint client =
                                new ClientEndPoint(channel, selector, key, getScheduler(), writes);
                        client.setIdleTimeout(getIdleTimeout());
                        return client;
                    }
                };
        server.addBean(new Periodic(connector.getScheduler(), pending));
        if (proxies != null) {
            connector.addFirstConnectionFactory(new TrustedProxyProtocol(proxies, connector.getDefaultProtocol()));
        }
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setIdleTimeout(limits.idle().toMillis());
        return connector;
    }

    /** Selectors do nearly all of the work, so there is one for each processor, as long as there are threads left. */
    static int selectors() {
        return Math.min(Runtime.getRuntime().availableProcessors(), MAX_SELECTORS);
    }

    /** How long the head of a response to a client may be: what the cache says comes on top of what the origin said. */
    static int headBytes(Limits limits) {
        return 2 * limits.responseHeaderBytes();
    }

    private static ConnectionFactory[] secure(
            HttpConnectionFactory http1, ConnectionFactory http2, SslContextFactory.Server tls) {
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(http1.getProtocol());
        SslConnectionFactory ssl = new PlainHttpOnTls(tls, alpn.getProtocol());
        ssl.setEnsureSecureRequestCustomizer(false); // Host chooses nothing here, so it need not match the certificate
        return new ConnectionFactory[] {ssl, alpn, http2, http1};
    }

    private static ConnectionFactory h2(AbstractHTTP2ServerConnectionFactory http2, Limits limits) {
        http2.setMaxConcurrentStreams(MAX_STREAMS);
        http2.addEventListener(new WindowFloods());
        http2.setRateControlFactory(new WindowFloods.OtherFrames());
        http2.setStreamIdleTimeout(Math.max(limits.idle().toMillis(), SlowClients.READING.toMillis()));
        return http2;
    }

    private static HttpConfiguration configuration(Limits limits, String scheme) {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        configuration.setRequestHeaderSize(limits.requestHeaderBytes());
        configuration.setMaxResponseHeaderSize(headBytes(limits));
        configuration.setHeaderCacheCaseSensitive(true); // else one spelling of a value is taken for another
        configuration.setHeaderCacheSize(0); // to look a line up takes longer than to parse it
        configuration.setHttpCompliance(COMPLIANCE);
        configuration.setUriCompliance(UriCompliance.UNSAFE); // nothing is decoded, so nothing is ambiguous
        configuration.addCustomizer(new RequestGuard(limits.headers(), scheme));
        return configuration;
    }
}
