package io.cachingproxy.origin;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.HTTP2ClientConnectionFactory;
import org.eclipse.jetty.http2.client.transport.ClientConnectionFactoryOverHTTP2;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.http2.client.transport.internal.HTTPSessionListenerPromise;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** HTTP/2 connections to origins. A separate class, so that Jetty's HTTP/2 classes are loaded only if needed. */
final class OriginHttp2 {
    private static final int LEAST_WINDOW = 16 * 1024;
    private static final int MOST_WINDOW = 256 * 1024;

    /** Divisor of the share of the heap for unread data of all streams together. */
    private static final int SHARE = 8;

    private OriginHttp2() {}

    /** HTTP/2 in cleartext with prior knowledge (RFC 9113 §3.3). */
    static HttpClientTransport inTheClear(ClientConnector connector, OriginLimits limits) {
        return new HttpClientTransportOverHTTP2(http2(connector, limits)) {
            @Override
            protected void connect(
                    Transport transport,
                    SslContextFactory.Client tls,
                    SocketAddress address,
                    Session.Listener listener,
                    Promise<Session> promise,
                    Map<String, Object> context) {
                Sessions sessions = new Sessions(context);
                super.connect(transport, tls, address, sessions, sessions, context);
            }
        };
    }

    /** HTTP/2 negotiated by ALPN, else HTTP/1.1. HTTP/1.1 is listed first, which makes it the fallback. */
    static HttpClientTransport negotiated(ClientConnector connector, OriginLimits limits) {
        ClientConnectionFactory connections = new Connections(http2(connector, limits));
        return new HttpClientTransportDynamic(
                connector, OriginConnection.http1(), new ClientConnectionFactory.Info(connections) {
                    @Override
                    public List<String> getProtocols(boolean secure) {
                        return List.of("h2");
                    }
                });
    }

    private static final class Connections extends ClientConnectionFactoryOverHTTP2 {
        private final HTTP2Client http2;
        private final ClientConnectionFactory factory = new HTTP2ClientConnectionFactory();

        Connections(HTTP2Client http2) {
            super(http2);
            this.http2 = http2;
        }

        @Override
        public Connection newConnection(EndPoint endPoint, Map<String, Object> context) throws IOException {
            Sessions sessions = new Sessions(context);
            context.put(HTTP2Client.CONTEXT_KEY, http2);
            context.put(HTTP2Client.SESSION_LISTENER_CONTEXT_KEY, sessions);
            context.put(HTTP2Client.SESSION_PROMISE_CONTEXT_KEY, sessions);
            return factory.newConnection(endPoint, context);
        }
    }

    /** Session listener that ignores the idle timeout while streams are open: each request has its own timeouts. */
    private static final class Sessions extends HTTPSessionListenerPromise {
        Sessions(Map<String, Object> context) {
            super(context);
        }

        @Override
        public boolean onIdleTimeout(Session session) {
            return session.getStreams().isEmpty() && super.onIdleTimeout(session);
        }
    }

    /** Flow-control window of a stream in bytes. Unread data stays in memory until the client reads on. */
    static int window(long heap, int streams) {
        return (int) Math.max(LEAST_WINDOW, Math.min(heap / SHARE / streams, MOST_WINDOW));
    }

    private static HTTP2Client http2(ClientConnector connector, OriginLimits limits) {
        HTTP2Client http2 = new HTTP2Client(connector);
        http2.setInitialStreamRecvWindow(window(Runtime.getRuntime().maxMemory(), limits.requests()));
        http2.setInitialSessionRecvWindow(Integer.MAX_VALUE); // otherwise unread streams would block the other streams
        http2.setMaxResponseHeadersSize(limits.headBytes());
        http2.setMaxConcurrentPushedStreams(0);
        http2.addEventListener(new OriginFrames());
        return http2;
    }
}
