package io.cachingproxy.jetty.hit;

import io.cachingproxy.Answer;
import io.cachingproxy.Interim;
import io.cachingproxy.jetty.front.AnswerSender;
import io.cachingproxy.jetty.front.FaultLog;
import io.cachingproxy.jetty.front.PendingWrites;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
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
 * Fast path of a client connection over HTTP/1: serves {@link SimpleRequest}s without a Jetty request. A fresh hit takes
 * one read and one write; all other answers are written as they become known. Bytes of all other requests go to Jetty
 * unchanged.
 *
 * <pre>
 *   between two requests                     SimpleRequest?  a fresh response   one piece,
 *   read what there is ──────────────────▶   all of it    ─▶ in this process ─▶ 1 MiB at most ─▶ one write
 *                                                 │ no             │ no             │ no
 *                                                 ▼                ▼                ▼
 *                                            Jetty gets the   the cache serves, and {@link AnswerSender}
 *                                            bytes unchanged  writes a {@link DirectResponse}
 * </pre>
 */
public final class HitConnection extends ClientConnection {
    private static final ThreadLocal<byte[]> INPUT = ThreadLocal.withInitial(() -> new byte[8 << 10]);

    /** The cache behind these connections. */
    @FunctionalInterface
    public interface Cache {
        /** Resolves a request; null if Jetty must serve it. */
        @Nullable
        Resolved resolve(SimpleRequest request, EndPoint client);
    }

    /** A request that the cache has resolved. */
    public interface Resolved {
        /** The answer from a fresh response stored in this process; null if there is none. */
        @Nullable
        Answer hit();

        /**
         * The answer; the stage never fails. Null if Jetty must serve the request: then the call has had no effect.
         *
         * @param content the content of the request, which is retained
         * @param interim receives interim responses
         */
        @Nullable
        CompletionStage<Answer> serve(ByteBuffer content, Interim interim);

        /**
         * The response was written, or the client left before its end.
         *
         * @param bytes of content that were written
         */
        void sent(int status, long bytes, boolean complete);
    }

    /** Creates these connections. */
    public static final class Factory extends HttpConnectionFactory {
        private final Cache cache;
        private final InFlight inFlight = new InFlight();
        private final PendingWrites pending;
        private final int maxHeaders;

        /**
         * @param pending the list of writes that wait for their clients
         * @param maxHeaders maximum number of field lines in a request
         */
        public Factory(HttpConfiguration configuration, Cache cache, PendingWrites pending, int maxHeaders) {
            super(configuration);
            this.cache = cache;
            addBean(inFlight);
            this.pending = pending;
            this.maxHeaders = maxHeaders;
        }

        /** Number of requests in flight that Jetty does not know. Hits that are served as they are read are not counted. */
        public long requests() {
            return inFlight.count();
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
            Resolved resolved = request == null ? null : factory.cache.resolve(request, getEndPoint());
            if (request == null || resolved == null) {
                onUpgradeTo(input);
                super.onFillable();
                return;
            }
            Answer hit = resolved.hit();
            ReadyResponse response = hit == null ? null : ReadyResponse.of(request, hit);
            if (hit == null || response == null) {
                if (request.http10() || !isServed(request, resolved, input)) {
                    onUpgradeTo(input);
                    super.onFillable();
                }
                return;
            }
            input.position(request.end());
            messages.incrementAndGet();
            if (!isWritten(new Hit(request, resolved, hit.head().status(), response), input)) {
                return;
            }
            if (bytesOut.get() - before >= AnswerSender.TURN && input.hasRemaining()) {
                goOn(BufferUtil.copy(input));
                return;
            }
        }
        getEndPoint().fillInterested(fillable);
    }

    /** A hit whose response is ready. */
    private record Hit(SimpleRequest request, Resolved resolved, int status, ReadyResponse response) {
        void end(boolean complete) {
            resolved.sent(status, complete ? response.length() : 0, complete);
            response.release();
        }
    }

    /**
     * Writes all of a response, now or later at the pace of the client.
     *
     * @param rest the input after this request
     * @return true if the response is written, so that the next request can be read
     */
    private boolean isWritten(Hit hit, ByteBuffer rest) {
        EndPoint client = getEndPoint();
        ByteBuffer[] bytes = hit.response.bytes();
        bytesOut.addAndGet(BufferUtil.remaining(bytes));
        try {
            if (client.flush(bytes)) {
                hit.end(true);
                return true;
            }
        } catch (IOException gone) {
            hit.end(false);
            cutOff(hit.request, gone);
            return false;
        }
        LateWrite late = new LateWrite(hit, BufferUtil.copy(rest));
        factory.pending.add(late);
        client.write(late, hit.response.left());
        return false;
    }

    /** The write of the rest of a response, at the pace of the client. */
    private final class LateWrite implements Callback, PendingWrites.Write {
        private final Hit hit;
        private final ByteBuffer next;

        LateWrite(Hit hit, ByteBuffer next) {
            this.hit = hit;
            this.next = next;
        }

        private void end(boolean complete) {
            factory.pending.remove(this);
            hit.end(complete);
        }

        @Override
        public void succeeded() {
            end(true);
            goOn(next);
        }

        @Override
        public void failed(Throwable cause) {
            end(false);
            cutOff(hit.request, cause);
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }

        @Override
        public boolean isCutOff() {
            return hit.response.isCutOff();
        }

        @Override
        public void abort() {
            getEndPoint().close();
        }
    }

    /** Serves a request that is no ready hit; false if Jetty must. Meanwhile the connection does not read. */
    private boolean isServed(SimpleRequest request, Resolved resolved, ByteBuffer input) {
        ByteBuffer next = BufferUtil.copy(input.duplicate().position(request.end()));
        Exchange exchange = new Exchange(resolved, next);
        DirectResponse response = new DirectResponse(request, exchange);
        CompletionStage<Answer> answer = exchange.serve(request.content(input), response);
        if (answer == null) {
            return false;
        }
        messages.incrementAndGet();
        answer.thenAccept(known -> AnswerSender.sendOrFail(known, factory.pending, response));
        return true;
    }

    /** A request that the cache serves. */
    private final class Exchange implements DirectResponse.Owner {
        private final Resolved resolved;
        private final ByteBuffer next;

        Exchange(Resolved resolved, ByteBuffer next) {
            this.resolved = resolved;
            this.next = next;
        }

        @Nullable
        CompletionStage<Answer> serve(ByteBuffer content, Interim interim) {
            factory.inFlight.begin();
            CompletionStage<Answer> answer = resolved.serve(content, interim);
            if (answer == null) {
                factory.inFlight.end();
            }
            return answer;
        }

        @Override
        public EndPoint client() {
            return getEndPoint();
        }

        @Override
        public Executor executor() {
            return getExecutor();
        }

        @Override
        public FaultLog faults() {
            return FaultLog.of(getConnector().getServer());
        }

        @Override
        public boolean isEnding() {
            return HitConnection.this.isEnding();
        }

        @Override
        public void ended(DirectResponse response, @Nullable Throwable failure) {
            bytesOut.addAndGet(response.bytes());
            resolved.sent(response.status(), response.contentBytes(), failure == null);
            factory.inFlight.end();
            if (failure != null) {
                getEndPoint().close(failure);
            } else if (response.closes()) {
                getEndPoint().close();
            } else {
                goOn(next);
            }
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
        FaultLog.client(
                new FaultLog.Subject(request.method(), request.target(), request::headers),
                "the client left or was cut off");
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
