package io.cachingproxy.origin;

import io.cachingproxy.net.Sockets;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.client.transport.HttpClientConnectionFactory;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.SendFailure;
import org.eclipse.jetty.client.transport.internal.HttpChannelOverHTTP;
import org.eclipse.jetty.client.transport.internal.HttpConnectionOverHTTP;
import org.eclipse.jetty.client.transport.internal.HttpReceiverOverHTTP;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 connection of Jetty's client, to an https origin that does not negotiate HTTP/2. Closes the connection if
 * the origin sends bytes that no request caused (RFC 9112 §9.2). Jetty drops bytes that arrive with the end of a response,
 * and treats later bytes as the response to the next request.
 *
 * <p>To prevent a send during a read by another thread, the connection returns to the pool only when no thread reads, and
 * is reused only if no thread reads and neither bytes nor the end of the input are available.
 *
 * <pre>
 *   PARKED --send--> CHECKED --not readable--> TAKEN --response and request complete--> ENDED --> PARKED
 *      |                |
 *   readable         readable
 *      v                v
 *   READING         READABLE: closed, and the request goes to another connection
 *      '--TLS message without content--> PARKED
 * </pre>
 */
final class OriginConnection extends HttpConnectionOverHTTP {
    private enum State {
        /** In the pool, with read interest. */
        PARKED,
        /** Readable without a request; a thread reads. */
        READING,
        /** Taken for a request, which is sent if the connection is not readable. */
        CHECKED,
        /** Became readable while checked. */
        READABLE,
        /** Has a request without a complete response. */
        TAKEN,
        /** The response is complete, the request is not. */
        AHEAD,
        /** Request and response are complete; the read interest is not set yet. */
        ENDED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.PARKED);
    private volatile boolean awaited;
    private volatile boolean spoilt;
    private volatile boolean kept;
    private boolean opening;

    private OriginConnection(EndPoint endPoint, Map<String, Object> context) {
        super(endPoint, context);
    }

    /** Creates these connections. */
    static final class Factory implements ClientConnectionFactory {
        @Override
        public Connection newConnection(EndPoint endPoint, Map<String, Object> context) {
            return customize(new OriginConnection(endPoint, context), context);
        }
    }

    /** The factory for a transport with several protocols. */
    static ClientConnectionFactory.Info http1() {
        return new ClientConnectionFactory.Info(new Factory()) {
            @Override
            public List<String> getProtocols(boolean secure) {
                return HttpClientConnectionFactory.HTTP11.getProtocols(secure);
            }
        };
    }

    @Override
    protected HttpChannelOverHTTP newHttpChannel() {
        return new HttpChannelOverHTTP(this) {
            @Override
            protected HttpReceiverOverHTTP newHttpReceiver() {
                return new Receiver(this);
            }
        };
    }

    private final class Receiver extends HttpReceiverOverHTTP {
        Receiver(HttpChannelOverHTTP channel) {
            super(channel);
        }

        @Override
        public boolean messageComplete() {
            if (Sockets.of(getEndPoint()) instanceof OriginEndPoint socket
                    && socket.isReset()) { // not the end of a body
                earlyEOF();
                return true;
            }
            HttpExchange exchange = getHttpExchange();
            if (exchange != null && !HttpStatus.isInterim(exchange.getResponse().getStatus())) {
                awaited = false;
                if (getResponseBuffer().hasRemaining()) {
                    spoilt = true;
                }
            }
            return super.messageComplete();
        }

        /** Does not read on after a complete response: further input is detected when the connection is reused. */
        @Override
        protected void responseSuccess(@Nullable Runnable next) {
            super.responseSuccess(next == null || awaited ? next : this::rest);
        }

        private void rest() {
            onUpgradeFrom(); // releases the buffer
            if (!isClosed()) {
                OriginConnection.this.fillInterested();
            }
        }
    }

    /**
     * Reads only after the first request is sent. A session ticket that arrives with the end of the handshake would
     * otherwise be read while the request is being sent, and the request would open another connection.
     */
    @Override
    public void onOpen() {
        opening = true;
        super.onOpen();
        super.fillInterested();
    }

    @Override
    public SendFailure send(HttpExchange exchange) {
        if (!state.compareAndSet(State.PARKED, State.CHECKED)) {
            return another();
        }
        if ((kept && isReadable()) || !state.compareAndSet(State.CHECKED, State.TAKEN)) {
            close();
            return another();
        }
        awaited = true;
        kept = true;
        SendFailure failure = super.send(exchange);
        if (failure != null) {
            close();
        }
        return failure;
    }

    private static SendFailure another() {
        return new SendFailure(new EOFException("the origin has sent something, or closed"), true);
    }

    /** Whether input, or its end, is available. Consumes one byte, so that a readable connection must be closed. */
    private boolean isReadable() {
        if (!(Sockets.of(getEndPoint()) instanceof SocketChannelEndPoint socket)) {
            return false;
        }
        try {
            return socket.getChannel().read(ByteBuffer.allocate(1)) != 0;
        } catch (IOException broken) {
            return true;
        }
    }

    @Override
    protected void addBytesIn(long bytes) {
        if (!awaited) {
            spoilt = true;
        }
        super.addBytesIn(bytes);
    }

    @Override
    public void onFillable() {
        State before = state.getAndUpdate(now -> switch (now) {
            case PARKED -> State.READING;
            case CHECKED -> State.READABLE;
            default -> now;
        });
        if (before != State.CHECKED) {
            super.onFillable();
        }
    }

    @Override
    public void fillInterested() {
        if (opening) {
            opening = false;
            return;
        }
        if (awaited) {
            super.fillInterested();
            return;
        }
        State before = state.getAndUpdate(now -> switch (now) {
            case TAKEN, AHEAD -> State.AHEAD;
            default -> spoilt ? now : State.PARKED;
        });
        if (!spoilt) {
            super.fillInterested();
            if (before == State.ENDED) {
                super.release();
            }
        } else if (before != State.TAKEN
                && before != State.AHEAD) { // otherwise the request, whose response is complete, would fail
            close();
        }
    }

    /** Called when request and response have ended. */
    @Override
    public void release() {
        if (!state.compareAndSet(State.TAKEN, State.ENDED)) {
            if (spoilt) {
                close();
            } else if (state.compareAndSet(State.AHEAD, State.PARKED)) {
                super.release();
            }
        }
    }
}
