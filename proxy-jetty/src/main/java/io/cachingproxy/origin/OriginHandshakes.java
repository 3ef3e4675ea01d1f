package io.cachingproxy.origin;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** TLS handshakes with an origin, on threads that may block. */
final class OriginHandshakes {
    private final OriginPool pool;
    private final SslContextFactory.Client tls;
    private final String host;
    private final int port;

    OriginHandshakes(OriginPool pool, SslContextFactory.Client tls, String host, int port) {
        this.pool = pool;
        this.tls = tls;
        this.host = host;
        this.port = port;
    }

    /** Starts a TLS handshake on a new socket, and the call once the handshake has succeeded. */
    void begin(Http1Call call, OriginEndPoint socket) {
        try {
            shakeHands(call, socket);
        } catch (RuntimeException failed) {
            call.fail(failed);
            socket.close(failed);
        }
    }

    private void shakeHands(Http1Call call, OriginEndPoint socket) {
        SSLEngine engine = tls.newSSLEngine(host, port);
        engine.setUseClientMode(true);
        SslConnection layer = new SslConnection(pool.buffers(), pool::execute, tls, socket, engine, true, true);
        layer.setRequireCloseMessage(true); // otherwise a truncated body counts as complete (RFC 9112 §9.8)
        layer.setRenegotiationAllowed(tls.isRenegotiationAllowed());
        layer.setRenegotiationLimit(tls.getRenegotiationLimit());
        EndPoint endPoint = layer.getSslEndPoint();
        Http1Connection connection = new Http1Connection(pool, endPoint, socket, pool::execute);
        endPoint.setConnection(connection);
        socket.setConnection(layer);
        Handshake handshake = new Handshake(call, connection, endPoint);
        layer.addHandshakeListener(handshake);
        socket.onOpen();
        layer.onOpen();
        handshake.begin();
    }

    /** One handshake. A blocking callback, so that another thread runs the handshake tasks, which take milliseconds. */
    private static final class Handshake implements SslHandshakeListener, Callback {
        private final Http1Call call;
        private final Http1Connection connection;
        private final EndPoint endPoint;
        private final ByteBuffer early = BufferUtil.allocate(1);
        private volatile boolean succeeded;

        Handshake(Http1Call call, Http1Connection connection, EndPoint endPoint) {
            this.call = call;
            this.connection = connection;
            this.endPoint = endPoint;
        }

        void begin() {
            try {
                endPoint.flush(BufferUtil.EMPTY_BUFFER);
                goOn();
            } catch (IOException | RuntimeException broken) {
                failed(broken);
            }
        }

        @Override
        public void handshakeSucceeded(Event event) {
            succeeded = true;
        }

        private void goOn() throws IOException {
            if (call.isOver() && !succeeded) {
                connection.close();
                return;
            }
            int filled = endPoint.fill(early);
            if (filled != 0) { // there is no response before a request (RFC 9112 §9.2)
                throw filled < 0
                        ? new EOFException("closed within the TLS handshake")
                        : new SSLHandshakeException("content before a request");
            }
            if (!succeeded) {
                endPoint.fillInterested(this);
            } else if (!call.start(connection)) {
                throw new EOFException("closed after the TLS handshake");
            }
        }

        @Override
        public void succeeded() {
            try {
                goOn();
            } catch (IOException | RuntimeException broken) {
                failed(broken);
            }
        }

        @Override
        public void failed(Throwable cause) {
            call.fail(cause);
            connection.close(cause);
        }
    }
}
