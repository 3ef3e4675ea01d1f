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
 * An HTTP/1.1 connection to an origin. Carries one {@link Http1Call} at a time, which reads and writes. Between two calls
 * the connection is in the {@link OriginPool}, and is closed if it becomes readable, because there is no response before
 * its request (RFC 9112 §9.2).
 *
 * <pre>
 *   IDLE --take--> CHECKED --not readable--> BUSY --request and response complete--> IDLE
 *    |                |
 *   readable       readable
 *    v                v
 *   READING        SPOILT: closed, and the request goes to another connection
 *    '--TLS message without content--> IDLE
 * </pre>
 */
final class Http1Connection extends AbstractConnection {
    private enum State {
        /** In the pool, with read interest. */
        IDLE,
        /** Readable without a request; a thread reads. */
        READING,
        /** Taken for a request, or new; the request is sent if the connection is not readable. */
        CHECKED,
        /** Became readable while checked. */
        SPOILT,
        /** Has a call in progress. */
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
    /** Time after which the connection is not kept ({@link System#nanoTime}); null: none. */
    private final @Nullable Long end;

    /**
     * A new connection.
     *
     * @param endPoint the socket, or its TLS layer
     */
    Http1Connection(OriginPool pool, EndPoint endPoint, OriginEndPoint socket, Executor executor) {
        super(endPoint, executor);
        this.pool = pool;
        this.socket = socket;
        this.end = pool.endOfConnection();
    }

    private boolean isTooOld() {
        return end != null && System.nanoTime() - end >= 0;
    }

    /** The selector of the socket. */
    ManagedSelector selector() {
        return socket.selector();
    }

    /** Whether the end of the input is a connection reset. */
    boolean isReset() {
        return socket.isReset();
    }

    boolean isTls() {
        return getEndPoint() != socket;
    }

    /** Takes the connection out of the pool; false if it is not usable and was closed. */
    boolean take() {
        if (!state.compareAndSet(State.IDLE, State.CHECKED)) {
            return false;
        }
        if (isReadable() || isTooOld()) {
            close();
            return false;
        }
        return true;
    }

    /** Whether input, or its end, is available. Consumes one byte, so that a readable connection must be closed. */
    private boolean isReadable() {
        try {
            return socket.getChannel().read(ONE_BYTE.get().clear()) != 0;
        } catch (IOException broken) {
            return true;
        }
    }

    /** Assigns a call; false if the connection became readable meanwhile. */
    boolean begin(Http1Call next) {
        call = next;
        if (state.compareAndSet(State.CHECKED, State.BUSY)) {
            return true;
        }
        call = null;
        return false;
    }

    /** Returns the connection to the pool. */
    void park() {
        call = null;
        if (isTooOld()) {
            close();
            return;
        }
        idleSince = System.nanoTime() | 1;
        if (state.getAndUpdate(now -> now == State.CLOSED ? now : State.IDLE) == State.CLOSED) {
            return;
        }
        getEndPoint().tryFillInterested(fillable);
        pool.keep(this);
    }

    /** Sets the read interest, for the call or for the check of an idle connection. */
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

    /** Whether TLS has more decrypted input: bytes after the end of the response. */
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

    /** Closes the connection if it has been idle since before {@code nanos}, or has reached its maximum lifetime. */
    boolean expire(long nanos) {
        if ((idleSince - nanos < 0 || isTooOld()) && state.compareAndSet(State.IDLE, State.CHECKED)) {
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

    /** Reads input without a request: the end, or bytes that no request caused, or TLS messages without content. */
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
