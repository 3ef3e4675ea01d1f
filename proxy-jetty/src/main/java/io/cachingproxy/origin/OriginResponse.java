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
 * One response of the origin on its way into the exchange. A chunk is read from the connection only when the exchange
 * asks for another; that is the back-pressure.
 */
final class OriginResponse implements Runnable {
    /** How many chunks are read at once, of what is relayed and of what nobody reads any more. */
    private static final int TURN = 64;

    private final Exchange exchange;
    private final Fetch fetch;
    private final Waiting waiting;
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
     * A response on its way into {@code exchange}.
     *
     * @param fetch the request
     * @param waiting told when it is the client that is waited for
     * @param again repeats the request, if it failed before a byte of the response came; null if it must not be repeated
     * @param maxHeaders how many field lines the response may have
     * @param threads go on with a response that has had its turn on the thread that it came on
     */
    OriginResponse(
            Fetch fetch,
            Waiting waiting,
            @Nullable RequestContent sent,
            @Nullable Runnable again,
            int maxHeaders,
            Executor threads) {
        this.maxHeaders = maxHeaders;
        this.threads = threads;
        this.fetch = fetch;
        this.exchange = fetch.exchange();
        this.waiting = waiting;
        this.sent = sent;
        this.again = again;
    }

    /** Sends {@code request}, and pushes what comes back. The exchange ends, whatever fails. */
    void receive(Request request) {
        sending = request;
        hold(() -> {
            exchange.onAbort(() -> {
                waiting.clientLeft();
                leave = () -> request.abort(new CancellationException("nobody reads"));
                run();
            });
            waiting.onLost(this::fail);
            request.attribute(OriginRequest.EXCHANGE, exchange)
                    .onResponseBegin(begin -> begun = true)
                    .onResponseHeaders(response -> hold(() -> onHead(response)))
                    .onResponseContentSource((response, content) -> hold(() -> onContent(content)))
                    .onResponseSuccess(response -> hold(() -> onSuccess(response)))
                    .send(result -> hold(() -> onEnd(result)));
        });
    }

    /** Takes one step. Jetty would log what it throws, and go on as if nothing had happened. */
    private void hold(Runnable step) {
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
                fetch.attempt().goElsewhere();
            } else {
                fetch.attempt().stay();
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

    /** Reads one chunk more. The exchange may ask for the next while it takes this one. */
    @Override
    public void run() {
        if (asked.getAndIncrement() == 0) {
            hold(this::takeTurn);
        }
    }

    /** Reads while the exchange asks for more, but not for so long that others who need this thread wait for it. */
    private void takeTurn() {
        for (int chunks = 0; chunks < TURN; chunks++) {
            read();
            if (asked.decrementAndGet() == 0) {
                return;
            }
        }
        threads.execute(() -> hold(this::takeTurn));
    }

    private void read() {
        Runnable leaving = leave;
        if (leaving != null) {
            passOver();
            leaving.run();
            return;
        }
        Content.Source from = source;
        Content.Chunk chunk = from == null ? null : from.read();
        if (from == null || Content.Chunk.isFailure(chunk)) {
            return; // onEnd has the failure
        }
        if (chunk == null) {
            waiting.clientReads(false);
            demanded = true;
            from.demand(() -> {
                demanded = false;
                run();
            });
        } else if (chunk.hasRemaining()) {
            waiting.clientReads(true);
            exchange.onBody(new Chunk(chunk.getByteBuffer(), chunk::release), this);
        } else {
            boolean last = chunk.isLast();
            chunk.release();
            if (last) {
                waiting.clientReads(false);
            } else {
                asked.incrementAndGet();
            }
        }
    }

    /** Reads what has come already, of which Jetty's client would otherwise keep the buffer when it is aborted. */
    private void passOver() {
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
        if (sent != null) { // else it waits until the connection is free, in onEnd
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
        Throwable failure = broken instanceof SSLException && waiting.hasBegun()
                ? OriginFault.afterHandshake(broken, begun)
                : broken;
        Runnable repeat = again;
        if (failure == null) {
            leaveOrigin();
            Resuming.after(() -> hold(() -> complete(result.getResponse())));
        } else if (repeat != null
                && !begun
                && OriginFault.isOfConnection(failure)
                && ended.compareAndSet(false, true)) {
            left.set(true); // it is repeated: the next response leaves
            waiting.over();
            repeat.run();
        } else {
            fail(failure);
        }
    }

    /** The exchange ends with this, unless it has ended; and so does the request. */
    private void fail(Throwable failure) {
        if (ended.compareAndSet(false, true)) {
            boolean slowClient = OriginFault.isOfConnection(failure) && waiting.isSlowedByClient();
            fetch.fail(fault(failure), begun ? Progress.ANSWERED : Progress.SENT, slowClient, this::leaveOrigin);
        } else {
            leaveOrigin();
        }
    }

    private void leaveOrigin() {
        if (left.compareAndSet(false, true)) {
            waiting.over();
            fetch.end().run();
        }
    }

    private OriginException fault(Throwable failure) {
        return sent != null && sent.broken()
                ? new OriginException(Kind.CLIENT, "the request broke off", failure)
                : OriginFault.of(failure, begun, waiting.timeouts());
    }
}
