package io.cachingproxy.origin;

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
 * A connection of Jetty's client over HTTP/1.1, to an https origin that negotiates no HTTP/2, on which a response is only what comes after its request has been sent
 * (RFC 9112 §9.2): one that sends more than was asked for is closed. Jetty drops what came with the end of a response and
 * goes on, and takes what it reads later for the answer to whatever has been sent by then.
 *
 * <p>So that nobody sends while another thread reads, it goes back to the pool when nobody does, and leaves it again only
 * if nobody does still and nothing is there: neither bytes nor the origin's end.
 *
 * <pre>
 *   PARKED --send--> CHECKED --nothing there--> TAKEN --response and request complete--> ENDED --> PARKED
 *      |                |
 *   readable         readable
 *      v                v
 *   READING         READABLE: closed, and the request goes to another connection
 *      '--nothing that is content (TLS)--> PARKED
 * </pre>
 */
final class OriginConnection extends HttpConnectionOverHTTP {
    private enum State {
        /** In the pool, and waiting to be readable. */
        PARKED,
        /** Readable without a request: a thread reads. */
        READING,
        /** Taken for a request, which is sent if nothing is there. */
        CHECKED,
        /** Became readable while it was checked. */
        READABLE,
        /** Has a request that is not answered completely. */
        TAKEN,
        /** The response has been read, the request has not ended. */
        AHEAD,
        /** Request and response have ended, and it does not wait to be readable yet. */
        ENDED
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.PARKED);
    private volatile boolean awaited;
    private volatile boolean spoilt;
    private volatile boolean kept;

    private OriginConnection(EndPoint endPoint, Map<String, Object> context) {
        super(endPoint, context);
    }

    /** What makes such connections. */
    static final class Factory implements ClientConnectionFactory {
        @Override
        public Connection newConnection(EndPoint endPoint, Map<String, Object> context) {
            return customize(new OriginConnection(endPoint, context), context);
        }
    }

    /** The same for a transport that speaks other protocols, too. */
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
            if (socket() instanceof OriginEndPoint socket && socket.isReset()) { // then this was no end
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

        /** After the last response nothing is read at once: what is there is found when the connection is used again. */
        @Override
        protected void responseSuccess(@Nullable Runnable next) {
            super.responseSuccess(next == null || awaited ? next : this::rest);
        }

        private void rest() {
            onUpgradeFrom(); // gives the buffer back
            if (!isClosed()) {
                OriginConnection.this.fillInterested();
            }
        }
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

    private EndPoint socket() {
        EndPoint endPoint = getEndPoint();
        while (endPoint instanceof EndPoint.Wrapper wrapper) {
            endPoint = wrapper.unwrap();
        }
        return endPoint;
    }

    /** Whether bytes or the end are there: of a socket that is closed if so, since what is read here is lost. */
    private boolean isReadable() {
        if (!(socket() instanceof SocketChannelEndPoint socket)) {
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
        } else if (before != State.TAKEN && before != State.AHEAD) { // else the request, which is answered, would fail
            close();
        }
    }

    /** Request and response have ended, whichever was last. */
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
