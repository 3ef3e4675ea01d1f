package io.cachingproxy.jetty;

import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
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
    private final Forwarding.Told told;
    private final Waiting waiting;
    private final @Nullable RequestContent sent;
    private final @Nullable Runnable again;
    private final Runnable end;
    private final int maxHeaders;
    private final Executor threads;
    private final AtomicInteger asked = new AtomicInteger();
    private boolean begun;
    private Content.@Nullable Source source;
    private volatile boolean demanded;
    private volatile @Nullable Runnable leave;

    /**
     * A response on its way into {@code exchange}.
     *
     * @param told what the request says of those who asked before
     * @param waiting told when it is the client that is waited for
     * @param again repeats the request, if it failed before a byte of the response came; null if it must not be repeated
     * @param end run when the request is over, and will not be repeated
     * @param maxHeaders how many field lines the response may have
     * @param threads go on with a response that has had its turn on the thread that it came on
     */
    OriginResponse(
            Exchange exchange,
            Forwarding.Told told,
            Waiting waiting,
            @Nullable RequestContent sent,
            @Nullable Runnable again,
            Runnable end,
            int maxHeaders,
            Executor threads) {
        this.maxHeaders = maxHeaders;
        this.threads = threads;
        this.exchange = exchange;
        this.told = told;
        this.waiting = waiting;
        this.sent = sent;
        this.again = again;
        this.end = end;
    }

    /** Sends {@code request}, and pushes what comes back. */
    void receive(Request request) {
        exchange.onAbort(() -> {
            leave = () -> request.abort(new CancellationException("nobody reads"));
            run();
        });
        request.attribute(OriginRequest.EXCHANGE, exchange)
                .onResponseBegin(begin -> begun = true)
                .onResponseHeaders(this::onHead)
                .onResponseContentSource(this::onContent)
                .onResponseSuccess(this::onSuccess)
                .send(this::onEnd);
    }

    private void onHead(Response response) {
        if (response.getStatus() < 200) { // RFC 9110 §15.2.2: nobody asked for a 101
            response.abort(new ProtocolException("unsolicited " + response.getStatus()));
            return;
        }
        if (response.getHeaders().size() > maxHeaders) {
            response.abort(new ProtocolException("too many headers"));
            return;
        }
        if (isCoded(response.getHeaders())) {
            response.abort(new ProtocolException("a transfer coding besides chunked"));
            return;
        }
        Headers headers = told.selected(JettyHeaders.of(response.getHeaders()));
        exchange.onHead(new ResponseHead(response.getStatus(), headers));
    }

    /** Whether the bytes are under a transfer coding that was not asked for, and that nobody here takes off. */
    private static boolean isCoded(HttpFields fields) {
        return fields.getCSV(HttpHeader.TRANSFER_ENCODING, false).stream()
                .anyMatch(coding -> !coding.equalsIgnoreCase("chunked"));
    }

    private void onContent(Response response, Content.Source content) {
        source = content;
        run();
    }

    /** Reads one chunk more. The exchange may ask for the next while it takes this one. */
    @Override
    public void run() {
        if (asked.getAndIncrement() == 0) {
            takeTurn();
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
        threads.execute(this::takeTurn);
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
            if (!last) {
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
        exchange.onComplete(trailers == null ? Headers.EMPTY : JettyHeaders.of(trailers));
    }

    private void onEnd(Result result) {
        Throwable failure = result.getFailure();
        if (failure == null) {
            end.run();
            if (sent == null) {
                Resuming.after(() -> complete(result.getResponse()));
            }
            return;
        }
        boolean timeout = failure instanceof TimeoutException;
        if (again != null && !begun && failure instanceof IOException && !(failure instanceof ConnectException)) {
            again.run();
        } else {
            exchange.onFailure(failure(failure, timeout));
            end.run();
        }
    }

    static OriginException busy(@Nullable Throwable cause) {
        return new OriginException(Kind.BUSY, "too many requests at once", cause);
    }

    private OriginException failure(Throwable cause, boolean timeout) {
        if (sent != null && sent.broken()) {
            return new OriginException(Kind.CLIENT, "the request broke off", cause);
        }
        if (cause instanceof CancellationException) {
            return new OriginException(Kind.CLIENT, "nobody waits for the response any more", null);
        }
        if (cause instanceof RejectedExecutionException) {
            return busy(cause);
        }
        if (timeout) {
            return new OriginException(Kind.TIMEOUT, "the origin did not answer in time", cause);
        }
        String what = begun || !(cause instanceof IOException)
                ? "the origin's response broke off or is malformed"
                : "the origin cannot be reached";
        return new OriginException(Kind.FAILED, what, cause);
    }
}
