package io.cachingproxy.origin;

import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.net.JettyHeaders;
import io.cachingproxy.net.SocketWrites;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.ConnectionPool;
import org.eclipse.jetty.client.EarlyHintsProtocolHandler;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.ProcessingProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;

/**
 * Creates HTTP clients for origins. Turns off the features of Jetty's client that a proxy must not have, such as redirects,
 * cookies and content decoding, and adds the features that Jetty's client lacks.
 */
public final class OriginClients {
    private static final int MAX_HEADER_BYTES = 64 * 1024;
    private static final int MOST_SELECTORS = 32;
    /** Time after which the client forgets an address without connections. */
    private static final long UNUSED_DESTINATION_MILLIS = 60_000;

    private OriginClients() {}

    /**
     * A client for one origin, not started yet.
     *
     * @param tls the TLS settings for an https origin
     * @param selectors the selectors of the listener, for HTTP/1.1 connections; called when the first one is opened
     * @param threads the executor of HTTP/2 connections
     * @param faults receives each failure of an exchange that is not retried, before or during the response
     */
    public static OriginClient of(
            URI origin,
            OriginProtocol protocol,
            OriginTimeouts timeouts,
            OriginLimits limits,
            OriginTls tls,
            Supplier<SelectorManager> selectors,
            Executor threads,
            ByteBufferPool buffers,
            BiConsumer<RequestHead, OriginException> faults) {
        boolean secure = origin.getScheme().equalsIgnoreCase("https");
        if (protocol == OriginProtocol.HTTP1 || (protocol == OriginProtocol.AUTO && !secure)) {
            OriginPool pool =
                    new OriginPool(origin, timeouts, limits, secure ? tls.client() : null, selectors, buffers);
            return new OriginClient(pool, origin, faults);
        }
        HttpClient client = jetty(origin, protocol, timeouts, limits, tls, threads, buffers);
        OriginClient made =
                new OriginClient(new JettyTransport(client, origin, timeouts, limits.headers()), origin, faults);
        made.addBean(client);
        return made;
    }

    /**
     * A client for one origin over HTTP/1.1, with the settings of a started Jetty client.
     *
     * @param timeouts the timeouts, except the connect timeout, which is that of {@code client}
     * @param maxHeaders maximum number of field lines in a response
     * @param faults receives each failure of an exchange that is not retried, before or during the response
     */
    public static OriginClient like(
            HttpClient client,
            URI origin,
            OriginTimeouts timeouts,
            int maxHeaders,
            BiConsumer<RequestHead, OriginException> faults) {
        int requests = client.getMaxConnectionsPerDestination();
        int longest = client.getMaxResponseHeadersSize();
        SelectorManager selectors =
                client.getContainedBeans(SelectorManager.class).iterator().next();
        boolean secure = origin.getScheme().equalsIgnoreCase("https");
        OriginPool pool = new OriginPool(
                origin,
                timeouts.withConnect(Duration.ofMillis(client.getConnectTimeout())),
                new OriginLimits(longest > 0 ? longest : MAX_HEADER_BYTES, maxHeaders, requests),
                secure ? client.getSslContextFactory() : null,
                () -> selectors,
                client.getByteBufferPool());
        OriginClient made = new OriginClient(pool, origin, faults);
        made.limit(new ConcurrencyLimiter(requests, client.getMaxRequestsQueuedPerDestination()));
        return made;
    }

    /**
     * A client for active checks, not started yet.
     *
     * @param tls the TLS settings for https origins
     */
    public static HttpClient checking(OriginTls tls, Executor threads, ByteBufferPool buffers) {
        ClientConnector connector = new ClientConnector();
        connector.setSelectors(1);
        connector.setSslContextFactory(tls.client());
        connector.setByteBufferPool(buffers);
        HttpClient client = over(new HttpClientTransportOverHTTP(connector), buffers);
        client.setExecutor(threads);
        client.setMaxConnectionsPerDestination(1);
        return client;
    }

    private static HttpClient jetty(
            URI origin,
            OriginProtocol protocol,
            OriginTimeouts timeouts,
            OriginLimits limits,
            OriginTls tls,
            Executor threads,
            ByteBufferPool buffers) {
        SocketWrites writes = new SocketWrites(buffers);
        ClientConnector connector = new ClientConnector() {
            @Override
            protected EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
                return new OriginEndPoint((SocketChannel) channel, selector, key, getScheduler(), writes);
            }

            @Override
            protected Connection newConnection(EndPoint endPoint, Map<String, Object> context) throws IOException {
                Connection connection = super.newConnection(endPoint, context);
                if (connection instanceof SslConnection secured) {
                    secured.setRequireCloseMessage(
                            true); // otherwise a truncated body counts as complete (RFC 9112 §9.8)
                }
                return connection;
            }
        };
        connector.setSelectors(Math.min(Runtime.getRuntime().availableProcessors(), MOST_SELECTORS));
        connector.setSslContextFactory(tls.client(origin));
        connector.setByteBufferPool(buffers);
        HttpClientTransport transport = protocol == OriginProtocol.H2C
                ? OriginHttp2.inTheClear(connector, limits)
                : OriginHttp2.negotiated(connector, limits);
        limits.maxLifetime().ifPresent(most -> limitLifetime(transport, most));
        HttpClient client = over(transport, buffers);
        client.getHttpClientTransport().setInvocationType(InvocationType.NON_BLOCKING); // exchanges never block
        client.setIdleTimeout(timeouts.idle().toMillis()); // of persistent connections, and during connection setup
        client.setConnectTimeout(timeouts.connect().toMillis());
        client.setMaxResponseHeadersSize(limits.headBytes());
        client.setExecutor(threads);
        client.setMaxConnectionsPerDestination(limits.requests());
        client.setMaxRequestsQueuedPerDestination(limits.requests()); // until connections are established
        return client;
    }

    private static void limitLifetime(HttpClientTransport transport, Duration most) {
        ConnectionPool.Factory pools = transport.getConnectionPoolFactory();
        transport.setConnectionPoolFactory(destination -> {
            ConnectionPool pool = pools.newConnectionPool(destination);
            if (pool instanceof AbstractConnectionPool limited) {
                limited.setMaxDuration(Math.max(1, most.toMillis()));
            }
            return pool;
        });
    }

    /** A client without redirects, cookies and default fields. */
    static HttpClient over(HttpClientTransport transport, ByteBufferPool buffers) {
        HttpClient client = new HttpClient(transport);
        client.setByteBufferPool(new BufferViews(buffers));
        client.setUserAgentField(null);
        client.setDefaultRequestContentType(null); // none is added to a request without one (RFC 9110 §8.3)
        client.setHttpCompliance(HttpCompliance.STRICT);
        client.setSocketAddressResolver(new TaggedAddresses(client));
        client.setDestinationIdleTimeout(UNUSED_DESTINATION_MILLIS);
        client.setFollowRedirects(false);
        client.setHttpCookieStore(new HttpCookieStore.Empty());
        client.setMaxResponseHeadersSize(MAX_HEADER_BYTES);
        client.setMaxRequestHeadersSize(MAX_HEADER_BYTES);
        client.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStarted(LifeCycle started) { // not earlier: starting restores the defaults
                leaveAlone(client);
            }
        });
        return client;
    }

    /** Turns off content decoding and protocol handlers; interim responses are relayed. */
    private static void leaveAlone(HttpClient client) {
        client.getContentDecoderFactories().clear();
        client.getProtocolHandlers().clear();
        client.getProtocolHandlers().put(new EarlyHints());
        client.getProtocolHandlers().put(new Processing());
        client.getProtocolHandlers().put(new OtherInterims());
    }

    private static void relay(Request request, int status, HttpFields fields) {
        if (request.getAttributes().get(OriginRequest.EXCHANGE) instanceof Exchange exchange) {
            exchange.onInterim(status, JettyHeaders.of(fields));
        }
    }

    private static final class Processing extends ProcessingProtocolHandler {
        @Override
        protected void onProcessing(Request request, HttpFields fields) {
            relay(request, 102, fields);
        }
    }

    private static final class EarlyHints extends EarlyHintsProtocolHandler {
        @Override
        protected void onEarlyHints(Request request, HttpFields fields) {
            relay(request, 103, fields);
        }
    }

    /** Ignores 100, which is never requested here, and unknown interim responses (RFC 9110 §15.2). */
    private static final class OtherInterims extends ProcessingProtocolHandler {
        @Override
        public String getName() {
            return "interim";
        }

        @Override
        public boolean accept(Request request, Response response) {
            return response.getStatus() == 100 || (response.getStatus() > 103 && response.getStatus() < 200);
        }
    }
}
