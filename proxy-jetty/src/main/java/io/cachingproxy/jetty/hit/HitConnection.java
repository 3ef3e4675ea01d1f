package io.cachingproxy.jetty.hit;

import io.cachingproxy.Answer;
import io.cachingproxy.http.Content;
import io.cachingproxy.jetty.front.AnswerSender;
import io.cachingproxy.jetty.front.FaultLog;
import io.cachingproxy.jetty.front.PendingWrites;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;

/**
 * Fast path of a client connection over HTTP/1: serves fresh hits with one read and one write. Bytes of all other
 * requests go to Jetty unchanged.
 *
 * <pre>
 *   between two requests                     SimpleRequest?  a fresh response   one piece,
 *   read what there is ──────────────────▶   all of it    ─▶ in this process ─▶ 1 MiB at most ─▶ one write
 *                                                 │ no             │ no             │ no
 *                                                 ▼                ▼                ▼
 *                                            Jetty gets the bytes unchanged
 * </pre>
 */
public final class HitConnection extends ClientConnection {
    private static final ThreadLocal<byte[]> INPUT = ThreadLocal.withInitial(() -> new byte[8 << 10]);

    /** Lookup of hits that are stored in this process. */
    @FunctionalInterface
    public interface Hits {
        /**
         * The answer from a fresh response stored in this process; null if there is none, or the request needs more than
         * that.
         */
        @Nullable
        Answer find(SimpleRequest request, EndPoint client);
    }

    /** The content of an answer whose end is reported. */
    public interface Reported extends Content {
        /**
         * The response was written, or the client left before its end.
         *
         * @param bytes of content, if complete
         */
        void written(long bytes, boolean complete);
    }

    /** Creates these connections. */
    public static final class Factory extends HttpConnectionFactory {
        private final Hits hits;
        private final PendingWrites pending;
        private final int maxHeaders;

        /**
         * @param pending the list of writes that wait for their clients
         * @param maxHeaders maximum number of field lines in a request
         */
        public Factory(HttpConfiguration configuration, Hits hits, PendingWrites pending, int maxHeaders) {
            super(configuration);
            this.hits = hits;
            this.pending = pending;
            this.maxHeaders = maxHeaders;
        }

        @Override
        public Connection newConnection(Connector connector, EndPoint endPoint) {
            return configure(new HitConnection(this, connector, endPoint), connector, endPoint);
        }
    }

    private final Factory factory;
    private final Callback fillable =
            Callback.from(InvocationType.NON_BLOCKING, this::onFillable, this::onFillInterestedFailed);
    private final AtomicLong bytesIn = new AtomicLong();
    private final AtomicLong bytesOut = new AtomicLong();
    private final AtomicLong messages = new AtomicLong();

    private HitConnection(Factory factory, Connector connector, EndPoint endPoint) {
        super(factory.getHttpConfiguration(), connector, endPoint);
        this.factory = factory;
    }

    @Override
    public void onFillable() {
        if (!isBetweenRequests() || isEnding()) {
            super.onFillable();
            return;
        }
        byte[] memory = INPUT.get();
        ByteBuffer input = ByteBuffer.wrap(memory, 0, Math.min(memory.length, getInputBufferSize()));
        input.limit(0); // empty, as Jetty expects
        int filled = fill(input);
        if (filled > 0) {
            bytesIn.addAndGet(filled);
            answer(input);
        } else if (filled == 0) {
            getEndPoint().fillInterested(fillable);
        } else {
            super.onFillable();
        }
    }

    /**
     * Resumes the connection after another thread has completed a response. The next request has rarely arrived by then.
     */
    @Override
    public void run() {
        if (isBetweenRequests() && getEndPoint().isOpen()) {
            getEndPoint().fillInterested(fillable);
        } else {
            super.run();
        }
    }

    private boolean isBetweenRequests() {
        return getParser().isStart() && isRequestBufferEmpty();
    }

    /** Whether the response must announce the end of the connection, or the server no longer serves requests. */
    private boolean isEnding() {
        return !getHttpConfiguration().isPersistentConnectionsEnabled()
                || getConnector().isShutdown();
    }

    private int fill(ByteBuffer input) {
        try {
            return getEndPoint().fill(input);
        } catch (IOException gone) {
            return -1; // Jetty gets the same failure, and handles it
        }
    }

    /** Answers pipelined requests in order, up to the limit of one turn, and leaves the rest to Jetty. */
    private void answer(ByteBuffer input) {
        long before = bytesOut.get();
        int longest = getHttpConfiguration().getRequestHeaderSize();
        while (input.hasRemaining()) {
            SimpleRequest request = SimpleRequest.read(input, longest, factory.maxHeaders);
            Answer answer = request == null ? null : factory.hits.find(request, getEndPoint());
            ReadyResponse response = request == null || answer == null ? null : ReadyResponse.of(request, answer);
            if (request == null || response == null) {
                onUpgradeTo(input);
                super.onFillable();
                return;
            }
            input.position(request.end());
            messages.incrementAndGet();
            if (!isWritten(request, response, input)) {
                return;
            }
            if (bytesOut.get() - before >= AnswerSender.TURN && input.hasRemaining()) {
                goOn(BufferUtil.copy(input));
                return;
            }
        }
        getEndPoint().fillInterested(fillable);
    }

    /**
     * Writes all of {@code response}, now or later at the pace of the client.
     *
     * @param rest the input after this request
     * @return true if the response is written, so that the next request can be read
     */
    private boolean isWritten(SimpleRequest request, ReadyResponse response, ByteBuffer rest) {
        EndPoint client = getEndPoint();
        ByteBuffer[] bytes = response.bytes();
        bytesOut.addAndGet(BufferUtil.remaining(bytes));
        try {
            if (client.flush(bytes)) {
                response.end(true);
                return true;
            }
        } catch (IOException gone) {
            response.end(false);
            cutOff(request, gone);
            return false;
        }
        LateWrite late = new LateWrite(request, response, BufferUtil.copy(rest));
        factory.pending.add(late);
        client.write(late, response.left());
        return false;
    }

    /** The write of the rest of a response, at the pace of the client. */
    private final class LateWrite implements Callback, PendingWrites.Write {
        private final SimpleRequest request;
        private final ReadyResponse response;
        private final ByteBuffer next;

        LateWrite(SimpleRequest request, ReadyResponse response, ByteBuffer next) {
            this.request = request;
            this.response = response;
            this.next = next;
        }

        private void end(boolean complete) {
            factory.pending.remove(this);
            response.end(complete);
        }

        @Override
        public void succeeded() {
            end(true);
            goOn(next);
        }

        @Override
        public void failed(Throwable cause) {
            end(false);
            cutOff(request, cause);
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }

        @Override
        public boolean isCutOff() {
            return response.isCutOff();
        }

        @Override
        public void abort() {
            getEndPoint().close();
        }
    }

    /**
     * Reads the next request after yielding to other connections: from {@code rest}, which is retained, then from the
     * connection.
     */
    private void goOn(ByteBuffer rest) {
        if (!rest.hasRemaining()) {
            getEndPoint().fillInterested(fillable);
            return;
        }
        try {
            getExecutor()
                    .execute(
                            () -> { // on a new stack, because the client may have sent many more requests
                                if (isEnding()) {
                                    onUpgradeTo(rest);
                                    super.onFillable();
                                } else {
                                    answer(rest);
                                }
                            });
        } catch (RejectedExecutionException stopping) {
            getEndPoint().close(stopping);
        }
    }

    private void cutOff(SimpleRequest request, Throwable cause) {
        FaultLog.client(request.method(), request.target(), request.headers(), "the client left or was cut off");
        getEndPoint().close(cause);
    }

    @Override
    public long getBytesIn() {
        return super.getBytesIn() + bytesIn.get();
    }

    @Override
    public long getBytesOut() {
        return super.getBytesOut() + bytesOut.get();
    }

    @Override
    public long getMessagesIn() {
        return super.getMessagesIn() + messages.get();
    }

    @Override
    public long getMessagesOut() {
        return super.getMessagesOut() + messages.get();
    }
}
