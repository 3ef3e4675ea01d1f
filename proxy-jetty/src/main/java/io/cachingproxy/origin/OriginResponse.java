package io.cachingproxy.origin;

import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Headers;
import io.cachingproxy.net.JettyHeaders;
import io.cachingproxy.net.Resuming;
import io.cachingproxy.origin.Attempt.Progress;
import java.net.ProtocolException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * One response over Jetty's HTTP client. Passes the response to the exchange, with back-pressure: a chunk is read only
 * when the exchange requests another.
 */
final class OriginResponse implements Runnable {
    /** Number of chunks that are read before the thread is yielded, and number of chunks that are drained. */
    private static final int TURN = 64;

    private final Exchange exchange;
    private final Fetch fetch;
    private final RequestTimer timer;
    private final @Nullable RequestContent sent;
    private final @Nullable Runnable again;
    private final int maxHeaders;
    private final Executor threads;
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean left = new AtomicBoolean();
    private volatile @Nullable Request sending;
    private volatile boolean begun;
    private boolean headed;
    private Content.@Nullable Source source;
    private volatile boolean demanded;
    private volatile @Nullable Runnable leave;

    /**
     * The response to {@code fetch}.
     *
     * @param timer the timeouts of the request
     * @param sent the content of the request; null: none
     * @param again retries the request if it failed before any byte of a response; null: no retry
     * @param maxHeaders maximum number of field lines in the response
     * @param threads the executor of further turns
     */
    OriginResponse(
            Fetch fetch,
            RequestTimer timer,
            @Nullable RequestContent sent,
            @Nullable Runnable again,
            int maxHeaders,
            Executor threads) {
        this.maxHeaders = maxHeaders;
        this.threads = threads;
        this.fetch = fetch;
        this.exchange = fetch.exchange();
        this.timer = timer;
        this.sent = sent;
        this.again = again;
    }

    /** Sends {@code request}, and passes the response to the exchange. Always ends the exchange. */
    void receive(Request request) {
        sending = request;
        guarded(() -> {
            exchange.onAbort(() -> {
                timer.clientLeft();
                leave = () -> request.abort(new CancellationException("nobody reads"));
                run();
            });
            timer.onLost(this::fail);
            request.attribute(OriginRequest.EXCHANGE, exchange)
                    .onResponseBegin(begin -> begun = true)
                    .onResponseHeaders(response -> guarded(() -> onHead(response)))
                    .onResponseContentSource((response, content) -> guarded(() -> onContent(content)))
                    .onResponseSuccess(response -> guarded(() -> onSuccess(response)))
                    .send(result -> guarded(() -> onEnd(result)));
        });
    }

    /** Runs {@code step}; an exception ends the exchange. Jetty would only log the exception and continue. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable thrown) {
            breakOff(thrown);
        }
    }

    private void breakOff(Throwable thrown) {
        Request request = sending;
        if (request != null) {
            request.abort(thrown);
        }
        ended.set(true);
        try {
            exchange.onFailure(OriginFault.unprocessed(thrown));
        } finally {
            leaveOrigin();
        }
    }

    private void onHead(Response response) {
        String fault = ResponseRules.fault(response, maxHeaders);
        if (fault != null) {
            response.abort(new ProtocolException(fault));
            return;
        }
        if (fetch.attempt().answered(response.getStatus())) {
            if (ended.compareAndSet(false, true)) {
                response.abort(new CancellationException("another server is asked"));
                leaveOrigin();
                fetch.attempt().retry();
            } else {
                fetch.attempt().cancelRetry();
            }
            return;
        }
        headed = true;
        exchange.onHead(fetch.response(response.getStatus(), JettyHeaders.of(response.getHeaders())));
    }

    private void onContent(Content.Source content) {
        source = content;
        run();
    }

    /** Reads another chunk. The exchange may request the next chunk while it processes one. */
    @Override
    public void run() {
        if (asked.getAndIncrement() == 0) {
            guarded(this::takeTurn);
        }
    }

    /** Reads while the exchange requests more, at most {@link #TURN} chunks before the thread is yielded. */
    private void takeTurn() {
        for (int chunks = 0; chunks < TURN; chunks++) {
            read();
            if (asked.decrementAndGet() == 0) {
                return;
            }
        }
        threads.execute(() -> guarded(this::takeTurn));
    }

    private void read() {
        Runnable leaving = leave;
        if (leaving != null) {
            drain();
            leaving.run();
            return;
        }
        Content.Source from = source;
        Content.Chunk chunk = from == null ? null : from.read();
        if (from == null || Content.Chunk.isFailure(chunk)) {
            return; // onEnd has the failure
        }
        if (chunk == null) {
            timer.clientReads(false);
            demanded = true;
            from.demand(() -> {
                demanded = false;
                run();
            });
        } else if (chunk.hasRemaining()) {
            timer.clientReads(true);
            exchange.onBody(new Chunk(chunk.getByteBuffer(), chunk::release), this);
        } else {
            boolean last = chunk.isLast();
            chunk.release();
            if (last) {
                timer.clientReads(false);
            } else {
                asked.incrementAndGet();
            }
        }
    }

    /** Drains received chunks: Jetty's client does not release their buffer when the request is aborted. */
    private void drain() {
        Content.Source from = source;
        for (int chunks = 0; from != null && !demanded && chunks < TURN; chunks++) {
            Content.Chunk chunk = from.read();
            if (chunk == null || Content.Chunk.isFailure(chunk)) {
                return;
            }
            chunk.release();
            if (chunk.isLast()) {
                return;
            }
        }
    }

    private void onSuccess(Response response) {
        if (sent != null) { // otherwise onEnd completes the exchange, once the connection is released
            complete(response);
        }
    }

    private void complete(Response response) {
        HttpFields trailers = response.getTrailers();
        if (!headed) {
            fail(new ProtocolException("a response without a head"));
        } else if (ResponseRules.areTooMany(trailers, maxHeaders)) {
            fail(new ProtocolException("too many trailer lines"));
        } else if (ended.compareAndSet(false, true)) {
            exchange.onComplete(trailers == null ? Headers.EMPTY : JettyHeaders.of(trailers));
        }
    }

    private void onEnd(Result result) {
        Throwable broken = result.getFailure();
        Throwable failure =
                broken instanceof SSLException && timer.hasBegun() ? OriginFault.afterHandshake(broken, begun) : broken;
        Runnable repeat = again;
        if (failure == null) {
            leaveOrigin();
            Resuming.after(() -> guarded(() -> complete(result.getResponse())));
        } else if (repeat != null
                && !begun
                && OriginFault.isOfConnection(failure)
                && ended.compareAndSet(false, true)) {
            left.set(true); // the retry calls Fetch.end
            timer.end();
            repeat.run();
        } else {
            fail(failure);
        }
    }

    /** Ends the exchange with a failure, unless it has ended already. */
    private void fail(Throwable failure) {
        if (ended.compareAndSet(false, true)) {
            boolean slowClient = OriginFault.isOfConnection(failure) && timer.isSlowedByClient();
            fetch.fail(fault(failure), begun ? Progress.ANSWERED : Progress.SENT, slowClient, this::leaveOrigin);
        } else {
            leaveOrigin();
        }
    }

    private void leaveOrigin() {
        if (left.compareAndSet(false, true)) {
            timer.end();
            fetch.end().run();
        }
    }

    private OriginException fault(Throwable failure) {
        return sent != null && sent.broken()
                ? new OriginException(Kind.CLIENT, "the request broke off", failure)
                : OriginFault.of(failure, begun, timer.timeouts());
    }
}
