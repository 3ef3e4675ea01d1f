package io.cachingproxy.jetty;

import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.ClientConnectionFactoryOverHTTP2;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;

/** HTTP/2 to the origin. A class of its own, so that nothing of HTTP/2 is loaded where it is not spoken. */
final class OriginHttp2 {
    /** What a stream may be ahead of its reader: it stays in memory until the client takes it. */
    private static final int STREAM_WINDOW = 256 * 1024;

    private OriginHttp2() {}

    /** In the clear, without asking. */
    static HttpClientTransport inTheClear(ClientConnector connector, Limits limits) {
        return new HttpClientTransportOverHTTP2(http2(connector, limits));
    }

    /** By ALPN; without it HTTP/1.1, which is therefore named first. */
    static HttpClientTransport negotiated(ClientConnector connector, Limits limits) {
        return new HttpClientTransportDynamic(
                connector,
                OriginConnection.http1(),
                new ClientConnectionFactoryOverHTTP2.HTTP2(http2(connector, limits)));
    }

    private static HTTP2Client http2(ClientConnector connector, Limits limits) {
        HTTP2Client http2 = new HTTP2Client(connector);
        http2.setInitialStreamRecvWindow(STREAM_WINDOW);
        http2.setInitialSessionRecvWindow(Integer.MAX_VALUE); // else streams that nobody reads would stop the others
        http2.setMaxResponseHeadersSize(limits.responseHeaderBytes());
        http2.setMaxConcurrentPushedStreams(0);
        return http2;
    }
}
