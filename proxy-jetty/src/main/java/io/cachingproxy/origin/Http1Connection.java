package io.cachingproxy.origin;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an origin over HTTP/1.1. It carries one {@link Http1Call} at a time, which reads and writes; between two
 * of them it waits in the {@link OriginPool} to become readable, and is closed if it does: a response is only what comes
 * after its request has been sent (RFC 9112 §9.2).
 *
 * <pre>
 *   IDLE --take--> CHECKED --nothing there--> BUSY --request and response complete--> IDLE
 *    |                |
 *   readable       readable
 *    v                v
 *   READING        SPOILT: closed, and the request goes to another connection
 *    '--nothing that is content (TLS)--> IDLE
 * </pre>
 */
final class Http1Connection extends AbstractConnection {
    private enum State {
        /** In the pool, and waiting to be readable. */
        IDLE,
        /** Readable without a request: a thread reads. */
        READING,
        /** Taken for a request, or new; the request is sent if nothing is there. */
        CHECKED,
        /** Became readable while it was checked. */
        SPOILT,
        /** Has a call. */
        BUSY,
        CLOSED
    }

    private static final ThreadLocal<ByteBuffer> ONE_BYTE = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(1));

    private final OriginPool pool;
    private final OriginEndPoint socket;
    private final AtomicReference<State> state = new AtomicReference<>(State.CHECKED);
    private final Callback fillable =
            Callback.from(InvocationType.NON_BLOCKING, this::onFillable, this::onFillInterestedFailed);
    private volatile @Nullable Http1Call call;
    private volatile long idleSince;

    /**
     * A new connection.
     *
     * @param endPoint the socket, or TLS on it
     */
    Http1Connection(OriginPool pool, EndPoint endPoint, OriginEndPoint socket, Executor executor) {
        super(endPoint, executor);
        this.pool = pool;
        this.socket = socket;
    }

    /** The selector that waits for its socket. */
    ManagedSelector selector() {
        return socket.selector();
    }

    /** Whether a read failed, so that the end that was read is none. */
    boolean isReset() {
        return socket.isReset();
    }

    boolean isTls() {
        return getEndPoint() != socket;
    }

    /** Takes it out of the pool; false if it is of no use any more, and closed. */
    boolean take() {
        if (!state.compareAndSet(State.IDLE, State.CHECKED)) {
            return false;
        }
        if (isReadable()) {
            close();
            return false;
        }
        return true;
    }

    /** Whether bytes or the end are there: of a socket that is closed if so, since what is read here is lost. */
    private boolean isReadable() {
        try {
            return socket.getChannel().read(ONE_BYTE.get().clear()) != 0;
        } catch (IOException broken) {
            return true;
        }
    }

    /** Gives it to a call; false if it became readable meanwhile. */
    boolean begin(Http1Call next) {
        call = next;
        if (state.compareAndSet(State.CHECKED, State.BUSY)) {
            return true;
        }
        call = null;
        return false;
    }

    /** Waits in the pool for the next call. */
    void park() {
        call = null;
        idleSince = System.nanoTime() | 1;
        if (state.getAndUpdate(now -> now == State.CLOSED ? now : State.IDLE) == State.CLOSED) {
            return;
        }
        getEndPoint().tryFillInterested(fillable);
        pool.keep(this);
    }

    /** Calls the call, or checks the idle connection, as soon as there is something to read. */
    void awaitReadable() {
        getEndPoint().tryFillInterested(fillable);
    }

    /** Whether it was idle before the request that it has. */
    boolean isReused() {
        return idleSince != 0;
    }

    boolean isClosed() {
        return state.get() == State.CLOSED;
    }

    /** Whether TLS has decrypted, or can decrypt, more than was read: content that nobody asked for. */
    boolean hasUnread() {
        if (!isTls()) {
            return false;
        }
        try {
            return getEndPoint().fill(BufferUtil.allocate(1)) != 0;
        } catch (IOException broken) {
            return true;
        }
    }

    /** Closes it if it has been idle since before {@code nanos}. */
    boolean expire(long nanos) {
        if (idleSince - nanos < 0 && state.compareAndSet(State.IDLE, State.CHECKED)) {
            close();
            return true;
        }
        return false;
    }

    @Override
    public void onFillable() {
        State before = state.getAndUpdate(now -> switch (now) {
            case IDLE -> State.READING;
            case CHECKED -> State.SPOILT;
            default -> now;
        });
        Http1Call now = call;
        if (before == State.IDLE) {
            readIdle();
        } else if (before == State.BUSY && now != null) {
            now.onReadable();
        }
    }

    /** Nobody asked for anything: the origin's end, or a response to nothing. TLS has messages of its own. */
    private void readIdle() {
        pool.withdraw(this);
        int filled;
        try {
            filled = getEndPoint().fill(BufferUtil.allocate(1));
        } catch (IOException broken) {
            filled = -1;
        }
        if (filled == 0) {
            park();
        } else {
            close();
        }
    }

    @Override
    public void onFillInterestedFailed(Throwable cause) {
        close(cause);
    }

    @Override
    public void close() {
        state.set(State.CLOSED);
        super.close();
    }

    void close(Throwable cause) {
        state.set(State.CLOSED);
        getEndPoint().close(cause);
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
        state.set(State.CLOSED);
        super.onClose(cause);
        pool.closed(this);
        Http1Call now = call;
        if (now != null) {
            now.fail(cause == null ? new EOFException("closed within an exchange") : cause);
        }
    }
}
