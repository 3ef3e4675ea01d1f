package io.cachingproxy.servlet;

import io.cachingproxy.Answer;
import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.policy.Outcome;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One run of the chain under the eyes of the cache: what the servlet writes goes to the exchange, and to the client
 * unless the cache answers in its place.
 *
 * <p>Success must be positive: the chain returned without async, or the servlet completed its async, and no failure was
 * seen; only then is the exchange completed.
 */
final class Recording {
    /** The request attribute that leads an async dispatch back to its recording. */
    private static final String ATTRIBUTE = Recording.class.getName();

    private final Exchange exchange;
    private final HttpServletRequest request;
    private final RecordingResponse response;
    private final boolean live;
    private final CompletableFuture<Answer> instead;
    private @Nullable Outcome outcome;
    /** How many bytes are still to come; negative if that is not announced. */
    private long awaited = -1;

    private boolean failed;
    private boolean finished;

    private Recording(Exchange exchange, HttpServletRequest request, HttpServletResponse response, boolean live) {
        this.exchange = exchange;
        this.request = request;
        this.live = live;
        this.response = new RecordingResponse(response, this);
        this.instead = exchange.answerInstead().toCompletableFuture();
    }

    /**
     * Runs the chain.
     *
     * @param live whether a client waits for the response; if not, nothing is written to it
     */
    static void run(
            Exchange exchange,
            HttpServletRequest request,
            HttpServletResponse response,
            FilterChain chain,
            boolean live)
            throws IOException, ServletException {
        exchange.onSent();
        Recording recording = new Recording(exchange, request, response, live);
        ChainRequest chained = new ChainRequest(request, exchange.forward(), recording);
        chained.setAttribute(ATTRIBUTE, recording);
        recording.run(chained, recording.response, chain);
    }

    /** Runs the chain again, after an async dispatch. */
    static void resume(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request.getAttribute(ATTRIBUTE) instanceof Recording recording) {
            recording.run(request, response, chain);
        } else {
            chain.doFilter(request, response);
        }
    }

    private void run(HttpServletRequest chained, HttpServletResponse recorded, FilterChain chain)
            throws IOException, ServletException {
        boolean returned = false;
        try {
            chain.doFilter(chained, recorded);
            returned = true;
        } finally {
            if (!returned) {
                fail();
            } else if (!chained.isAsyncStarted()) {
                finish();
            }
        }
    }

    RecordingResponse response() {
        return response;
    }

    /** Whether a client waits for the response. */
    boolean live() {
        return live;
    }

    /** Whether what the servlet writes goes to the client. */
    boolean passes() {
        return live && (outcome instanceof Outcome.Store || outcome instanceof Outcome.Relay);
    }

    /** The servlet's head is final. */
    ResponseHead head(ResponseHead head) {
        outcome = exchange.onHead(head);
        Long length = head.headers().contentLength();
        awaited = length == null || length == 0 ? -1 : length;
        return passes() ? exchange.relayed() : head;
    }

    void body(byte[] bytes, int offset, int length) {
        boolean kept = outcome instanceof Outcome.Store; // the servlet may use its array again
        ByteBuffer buffer = kept
                ? ByteBuffer.wrap(Arrays.copyOfRange(bytes, offset, offset + length))
                : ByteBuffer.wrap(bytes, offset, length);
        exchange.onBody(Chunk.of(buffer), () -> {});
        awaited -= length;
        if (awaited == 0) { // before the client has the last byte, and asks again
            exchange.onComplete(Headers.EMPTY);
        }
    }

    /** The servlet or its client failed: nothing of this is stored. */
    void fail() {
        failed = true;
        exchange.onFailure(new OriginException(OriginException.Kind.FAILED, "the response was not completed", null));
    }

    /** The servlet is done. */
    void finish() throws IOException {
        if (finished || failed) {
            return;
        }
        finished = true;
        response.finish();
        exchange.onComplete(Headers.EMPTY);
        if (live && !passes()) {
            AnswerWriter.writeAll(instead.join(), request, response.client());
        }
    }

    /** The context that the servlet gets for its async life. */
    AsyncContext async(AsyncContext context) {
        context.addListener(new Failures());
        return new RecordingAsync(context, this);
    }

    private final class Failures implements AsyncListener {
        @Override
        public void onComplete(AsyncEvent event) {
            if (!finished) {
                fail();
            }
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            fail();
        }

        @Override
        public void onError(AsyncEvent event) {
            fail();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
