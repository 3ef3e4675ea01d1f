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
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records one run of the chain: the servlet's response goes to the exchange, and to the client unless the cache answers
 * in place of the servlet.
 *
 * <p>The exchange is completed only on definite success: the chain returned without async, or the servlet completed its
 * async context, and no failure occurred.
 */
final class Recording {
    private static final Logger LOG = LoggerFactory.getLogger(Recording.class);
    /** Maximum number of bytes that a servlet writes after its client has disconnected, if the length is not announced. */
    private static final long MAX_UNHEARD = 8L << 20;

    private static final AtomicBoolean WARNED = new AtomicBoolean();

    /** The request attribute with the recording, for async dispatches. */
    private static final String ATTRIBUTE = Recording.class.getName();

    private final Exchange exchange;
    private final HttpServletRequest request;
    private final RecordingResponse response;
    /** The response in the chain: the recorded one, until the container writes an error page. */
    private final HttpServletResponseWrapper current;

    private final Disclosure disclosure = new Disclosure(this::disclosed);
    private final @Nullable ClientHead client;
    private final boolean live;
    private final Followers.Need threads;
    private final CompletableFuture<Answer> instead;
    private volatile @Nullable Outcome outcome;
    private volatile @Nullable ResponseHead judged;
    private @Nullable ChainRequest chained;
    /** Number of bytes still expected; negative if no length is announced. */
    private long awaited = -1;

    private volatile boolean dispatched;
    private volatile boolean inChain;
    private volatile boolean detached;
    private long unheard;
    private boolean observed;
    private boolean failed;
    private boolean finished;

    private Recording(
            Exchange exchange,
            HttpServletRequest request,
            HttpServletResponse response,
            boolean live,
            Followers.Need threads) {
        this.threads = threads;
        this.exchange = exchange;
        this.request = request;
        this.live = live;
        this.client = live ? new ClientHead(response) : null;
        this.response = new RecordingResponse(response, this);
        this.current = new HttpServletResponseWrapper(this.response);
        this.instead = exchange.answerInstead().toCompletableFuture();
    }

    /**
     * Runs the chain.
     *
     * @param live whether a client waits for the response; if not, nothing is written to the client
     * @param threads tracks the container threads that the servlet needs while other requests wait for it
     */
    static void run(
            Exchange exchange,
            HttpServletRequest request,
            HttpServletResponse response,
            FilterChain chain,
            boolean live,
            Followers.Need threads)
            throws IOException, ServletException {
        Recording recording;
        ChainRequest chained;
        try {
            exchange.onSent();
            recording = new Recording(exchange, request, response, live, threads);
            chained = new ChainRequest(request, exchange.forward(), recording);
            recording.chained = chained;
            chained.setAttribute(ATTRIBUTE, recording);
        } catch (RuntimeException | Error broken) { // for example if the container has ended the request
            exchange.onFailure(new OriginException(OriginException.Kind.FAILED, "the chain did not run", broken));
            throw broken;
        }
        recording.run(chained, recording.current, chain);
    }

    /** Whether another caching filter already records this request. */
    static boolean isRunning(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof Recording;
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

    private void run(HttpServletRequest request, HttpServletResponse recorded, FilterChain chain)
            throws IOException, ServletException {
        threads.served();
        dispatched = false;
        inChain = true;
        try {
            chain.doFilter(request, recorded);
        } catch (IOException | ServletException | RuntimeException | Error thrown) {
            if (!isReplaced()) {
                throw thrown;
            }
            request.getServletContext().log("answered from the cache in place of an exception", thrown);
            return;
        } finally {
            inChain = false;
        }
        if (!request.isAsyncStarted()) {
            finish();
        }
    }

    /** Whether a stored response is served in place of the exception that the chain has thrown. */
    private boolean isReplaced() throws IOException {
        if (!failed && !finished) {
            response.thrown();
            if (outcome instanceof Outcome.ServeStale) {
                finish();
                return true;
            }
        }
        fail();
        return false;
    }

    /** The servlet has dispatched its request; the dispatch may bypass this filter. */
    void dispatched() {
        dispatched = true;
        if (request instanceof DispatchedRequest parked) {
            parked.again();
        }
        threads.ask();
    }

    /** Tracks the threads that the servlet needs while other requests wait for it. */
    Followers.Need threads() {
        return threads;
    }

    /**
     * Whether the current dispatch bypasses this filter, because the filter is not registered for async dispatches. The
     * filter then does not see the end of the response, and buffers nothing.
     */
    boolean isUnseen() {
        boolean unseen = dispatched && !inChain;
        if (unseen) {
            threads.served();
            disclosure.unkeyed();
            if (WARNED.compareAndSet(false, true)) {
                LOG.warn("Async responses are not cached: register the filter for the dispatcher type ASYNC, too");
            }
        }
        return unseen;
    }

    RecordingResponse response() {
        return response;
    }

    /** The response that the chain gets. */
    HttpServletResponse current() {
        return current;
    }

    /**
     * The container continues with the response, after an exception or an error. In an async dispatch, Undertow writes
     * its error page to the response of the async context, which is that of the chain.
     */
    void handOver() {
        current.setResponse(response.getResponse());
    }

    /** Whether a client waits for the response. */
    boolean live() {
        return live;
    }

    /** Whether the servlet's output goes to the client. */
    boolean passes() {
        return live && !detached && (outcome instanceof Outcome.Store || outcome instanceof Outcome.Relay);
    }

    /** Tracks the client data that the servlet reads. */
    Disclosure disclosure() {
        return disclosure;
    }

    /** The servlet has read the principal: output written before does not depend on it. */
    void principal(boolean known) {
        response.drainWriter();
        disclosure.principal(known);
    }

    /** Whether an included fragment is running, which must not change the head of the response. */
    boolean isIncluding() {
        return chained != null && chained.getDispatcherType() == DispatcherType.INCLUDE;
    }

    /** The servlet's head is final. */
    void head(ResponseHead head) throws IOException {
        ResponseHead effective = head;
        boolean shared = true;
        if (client != null) {
            if (!isValidation(head)) {
                CommitHooks.run(response.client());
            }
            shared = !client.hasForeignCookie(head);
            effective = client.effective(head);
        }
        observeClient();
        if (!disclosure.permitsSharing(effective, shared)) {
            exchange.withhold();
        }
        judged = effective;
        outcome = exchange.onHead(effective);
        Long length = head.headers().contentLength();
        awaited = length == null || length == 0 ? -1 : length;
        if (client != null && passes() && !response.client().isCommitted()) {
            client.relay(effective, exchange.relayed());
        }
    }

    /** The response is an error page of the container. */
    void error(ResponseHead head) throws IOException {
        exchange.withhold();
        head(head);
    }

    /**
     * Whether this may be a validation result (304), in whose place the stored response is served: commit hooks of outer
     * filters must not see it.
     */
    private static boolean isValidation(ResponseHead head) {
        return head.status() == 304;
    }

    /**
     * Checks, on a thread of the request, for a principal or a new session of outer filters, which can influence the
     * response even if the servlet does not read them. The check cannot rely on the session cookie, because some
     * containers do not expose it.
     */
    void observeClient() {
        if (!observed) {
            observed = true;
            HttpSession session = request.getSession(false);
            if (request.getUserPrincipal() != null || (session != null && session.isNew())) {
                disclosure.personal();
            }
        }
    }

    /** The servlet has read client data. After the head, that ends the recording but not the response. */
    private void disclosed() {
        ResponseHead head = judged;
        if (head != null && outcome instanceof Outcome.Store && !disclosure.permitsSharing(head, true)) {
            abandon("the response turns out to be for one client");
        }
    }

    void body(byte[] bytes, int offset, int length) throws IOException {
        if (detached) {
            countUnheard(length);
        }
        boolean kept = outcome instanceof Outcome.Store; // the servlet may reuse its array
        ByteBuffer buffer = kept
                ? ByteBuffer.wrap(Arrays.copyOfRange(bytes, offset, offset + length))
                : ByteBuffer.wrap(bytes, offset, length);
        exchange.onBody(Chunk.of(buffer), () -> {});
        awaited -= length;
        if (awaited == 0) { // before the client has the last byte, and sends its next request
            exchange.onComplete(Headers.EMPTY);
        }
    }

    /**
     * The client has disconnected. A synchronous servlet continues for coalesced requests and for the store, but only up
     * to {@link #MAX_UNHEARD}, since a failed write may be its only signal to stop.
     */
    void clientGone(IOException failure) throws IOException {
        boolean wanted = outcome instanceof Outcome.Store && !failed && inChain && !request.isAsyncStarted();
        if (!wanted) {
            fail();
            throw failure;
        }
        detached = true;
    }

    private void countUnheard(int length) throws IOException {
        unheard += length;
        if (unheard > MAX_UNHEARD && awaited < 0) {
            fail();
            throw new IOException("the client has hung up");
        }
    }

    /** The servlet or its client failed: the response is not stored. */
    void fail() {
        failed = true;
        threads.served();
        abandon("the response was not completed");
    }

    /** The response is not stored; the client gets it nevertheless. */
    void abandon(String why) {
        exchange.onFailure(new OriginException(OriginException.Kind.FAILED, why, null));
    }

    /** The servlet has finished its response. */
    void finish() throws IOException {
        if (finished || failed) {
            return;
        }
        finished = true;
        threads.served();
        response.finish();
        exchange.onComplete(Headers.EMPTY);
        if (client != null && !detached && !passes()) {
            client.undo(response.headers());
            AnswerWriter.writeAll(instead.join(), request, response.client());
        }
    }

    /** The async context for the servlet. */
    AsyncContext async(AsyncContext context) {
        observeClient();
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
            disclosure.unkeyed(); // the servlet's listener now answers this client only
        }

        @Override
        public void onError(AsyncEvent event) {
            if (event.getThrowable() instanceof IOException) { // connection failure: no client sees the rest
                fail();
            } else {
                disclosure.unkeyed();
            }
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }
}
