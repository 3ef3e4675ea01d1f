package io.cachingproxy.jetty.front;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS that answers plain HTTP requests with an explanatory 400. The first such client is logged. */
public final class PlainHttpOnTls extends SslConnectionFactory {
    private static final Logger LOG = LoggerFactory.getLogger(PlainHttpOnTls.class);

    /** Part of the JDK's message for bytes that are not a TLS record. */
    private static final String NO_TLS = "nrecognized SSL message";

    private static final String TEXT = "This port speaks TLS: use https://\n";
    private static final byte[] ANSWER = ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain;charset=utf-8\r\n"
                    + "Content-Length: " + TEXT.length() + "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
                    + TEXT)
            .getBytes(StandardCharsets.US_ASCII);

    private final AtomicBoolean logged = new AtomicBoolean();

    public PlainHttpOnTls(SslContextFactory.Server tls, String next) {
        super(tls, next);
    }

    @Override
    protected SslConnection newSslConnection(Connector connector, EndPoint client, SSLEngine engine) {
        SslConnection connection = super.newSslConnection(connector, client, engine);
        connection.addHandshakeListener(new SslHandshakeListener() {
            @Override
            public void handshakeFailed(Event event, Throwable failure) {
                if (String.valueOf(failure.getMessage()).contains(NO_TLS)) {
                    answer(client);
                }
            }
        });
        return connection;
    }

    private void answer(EndPoint client) {
        if (logged.compareAndSet(false, true)) {
            LOG.warn(
                    "{} sent plain HTTP to the TLS port: clients need https:// (logged once)",
                    client.getRemoteSocketAddress());
        }
        try {
            client.flush(ByteBuffer.wrap(ANSWER)); // fits the buffer of a new socket
            client.shutdownOutput(); // no TLS alert after it
        } catch (IOException gone) {
            LOG.debug("a client that spoke plain HTTP on TLS is gone");
        }
    }
}
