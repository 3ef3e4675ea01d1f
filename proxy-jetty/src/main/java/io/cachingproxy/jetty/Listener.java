package io.cachingproxy.jetty;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.front.ClientEndPoint;
import io.cachingproxy.jetty.front.Http2Requests;
import io.cachingproxy.jetty.front.PendingWrites;
import io.cachingproxy.jetty.front.PlainHttpOnTls;
import io.cachingproxy.jetty.front.RequestGuard;
import io.cachingproxy.jetty.front.SlowClients;
import io.cachingproxy.jetty.front.TrustedProxyProtocol;
import io.cachingproxy.jetty.front.WindowFloods;
import io.cachingproxy.jetty.hit.HitConnection;
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

/** The listener for clients: HTTP/1.1 and HTTP/2 on one port, in cleartext or over TLS. */
final class Listener {
    private static final int ACCEPT_QUEUE = 4096;
    private static final int MAX_STREAMS = 128;
    private static final int ACCEPTORS = 1;

    private static final int MAX_SELECTORS = 32;

    /** Strict, except for Host, which {@link HitConnection} checks as strictly but with an empty port allowed. */
    private static final HttpCompliance COMPLIANCE =
            HttpCompliance.STRICT.with("caching-proxy", HttpCompliance.Violation.UNSAFE_HOST_HEADER);

    private Listener() {}

    /**
     * A connector that refuses requests which two implementations could parse differently.
     *
     * @param pending the list of writes that wait for their clients
     * @param cache serves requests without a Jetty request
     * @param proxies addresses of peers that use the PROXY protocol; null: none
     */
    static ServerConnector of(
            Server server,
            HitConnection.Cache cache,
            PendingWrites pending,
            Limits limits,
            SslContextFactory.@Nullable Server tls,
            @Nullable AddressRanges proxies) {
        HttpConfiguration configuration = configuration(limits, tls == null ? "http" : "https");
        HttpConnectionFactory http1 = new HitConnection.Factory(
                configuration, cache, pending, limits.clients().headers());
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
        if (proxies != null) {
            connector.addFirstConnectionFactory(new TrustedProxyProtocol(proxies, connector.getDefaultProtocol()));
        }
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setIdleTimeout(limits.clients().idle().toMillis());
        return connector;
    }

    /**
     * Number of selectors: one per processor, since selectors do nearly all of the work, up to a maximum that leaves
     * threads for other work.
     */
    static int selectors() {
        return Math.min(Runtime.getRuntime().availableProcessors(), MAX_SELECTORS);
    }

    /** Maximum size of a response head to a client in bytes: the origin's head and the fields that the cache adds. */
    static int headBytes(Limits limits) {
        return 2 * limits.origins().headBytes();
    }

    private static ConnectionFactory[] secure(
            HttpConnectionFactory http1, ConnectionFactory http2, SslContextFactory.Server tls) {
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(http1.getProtocol());
        SslConnectionFactory ssl = new PlainHttpOnTls(tls, alpn.getProtocol());
        ssl.setEnsureSecureRequestCustomizer(false); // Host selects nothing here, so it need not match the certificate
        return new ConnectionFactory[] {ssl, alpn, http2, http1};
    }

    private static ConnectionFactory h2(AbstractHTTP2ServerConnectionFactory http2, Limits limits) {
        http2.setMaxConcurrentStreams(MAX_STREAMS);
        http2.addEventListener(new WindowFloods());
        http2.setRateControlFactory(new WindowFloods.OtherFrames());
        http2.setStreamIdleTimeout(Math.max(limits.clients().idle().toMillis(), SlowClients.READING.toMillis()));
        return http2;
    }

    private static HttpConfiguration configuration(Limits limits, String scheme) {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        configuration.setRequestHeaderSize(limits.clients().headBytes());
        configuration.setMaxResponseHeaderSize(headBytes(limits));
        configuration.setHeaderCacheCaseSensitive(true); // otherwise values that differ in case are mixed up
        configuration.setHeaderCacheSize(0); // a cache lookup is slower than parsing the line
        configuration.setHttpCompliance(COMPLIANCE);
        configuration.setUriCompliance(UriCompliance.UNSAFE); // nothing is decoded, so nothing is ambiguous
        configuration.addCustomizer(new RequestGuard(limits.clients().headers(), scheme));
        return configuration;
    }
}
