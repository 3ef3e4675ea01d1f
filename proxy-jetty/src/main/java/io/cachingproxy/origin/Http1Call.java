package io.cachingproxy.origin;

import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.net.Resuming;
import io.cachingproxy.origin.Attempt.Progress;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;

/**
 * One request on an HTTP/1.1 connection to an origin. Passes the response to the exchange, with back-pressure: a chunk is
 * read only when the exchange requests another.
 *
 * <h2>Threads</h2>
 *
 * Socket events, the exchange, the request content, timeouts and client disconnects call from any thread. One thread at a
 * time runs the read loop ({@link #run()}), which alone uses reader and buffer; all other threads set flags that the loop
 * reads. The call owns its connection until {@link #connection} is cleared, once: to park or to close the connection.
 */
final class Http1Call implements Runnable {
    /** Number of chunks that are read before the thread is yielded to other connections. */
    private static final int TURN = 64;

    /** Number of content bytes after which the next read waits its turn: small responses do not wait for large ones. */
    private static final int TURN_BYTES = 1 << 20;

    /** Maximum number of interim responses. */
    private static final int MOST_INTERIMS = 10_000;

    /** Time in which an origin may answer a request before its content is sent. */
    private static final long CONTINUE_MILLIS = 1000;

    private static final int SMALLEST_READ = 16 << 10;
    private static final int LARGEST_READ = 64 << 10;

    private final OriginPool pool;
    private final Fetch fetch;
    private final Exchange exchange;
    private final ByteBuffer head;
    private final RequestHeadWriter.Framing framing;
    private final RequestTimer timer;
    private final boolean mayRepeat;
    private final boolean expectsContinue;
    /** Whether it is settled if the content is sent, where that waits for 100. */
    private final AtomicBoolean settled = new AtomicBoolean();

    private final ResponseReader reader;
    private final AtomicReference<@Nullable Http1Connection> connection = new AtomicReference<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean left = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();
    /** Number of messages in progress: request and response. */
    private final AtomicInteger open = new AtomicInteger(2);

    private volatile boolean wanted = true;
    private volatile boolean readable;
    private volatile boolean sent;
    private volatile boolean begun;
    /** Whether the request was sent over TLS. */
    private volatile boolean secure;

    private volatile boolean over;
    private volatile boolean requestBroke;
    private volatile @Nullable IOException unsent;
    private volatile @Nullable RequestSender sender;
    private @Nullable RetainableByteBuffer buffer;
    private int readSize = SMALLEST_READ;
    private int interims;
    /** Number of content bytes in this turn. */
    private int pushed;
    /** Whether the response came before the content was sent, so that none is. */
    private boolean withheld;

    /**
     * A call that is not sent yet.
     *
     * @param mayRepeat whether the request may be retried once
     * @throws IllegalArgumentException if the request cannot be serialized
     */
    Http1Call(OriginPool pool, Fetch fetch, RequestTimer timer, boolean mayRepeat) {
        this.pool = pool;
        this.fetch = fetch;
        this.exchange = fetch.exchange();
        this.timer = timer;
        this.mayRepeat = mayRepeat;
        Long length = fetch.request().hasBody() ? fetch.request().headers().contentLength() : null;
        this.framing = framing(fetch, length);
        this.expectsContinue = fetch.expectsContinue();
        this.head = RequestHeadWriter.write(
                fetch.request().method(),
                fetch.request().target().pathAndQuery(),
                pool.host(fetch),
                expectsContinue ? fetch.fields().plus("Expect", "100-continue") : fetch.fields(),
                framing,
                length == null ? 0 : length);
        this.reader = new ResponseReader(
                fetch.request().isHead(),
                pool.limits().headBytes(),
                pool.limits().headers());
    }

    /** RFC 9110 §8.6: a method that anticipates content has a Content-Length of 0 if there is none. */
    private static RequestHeadWriter.Framing framing(Fetch fetch, @Nullable Long length) {
        if (!fetch.request().hasBody()) {
            return switch (fetch.request().method()) {
                case "POST", "PUT", "PATCH" -> RequestHeadWriter.Framing.COUNTED;
                default -> RequestHeadWriter.Framing.NONE;
            };
        }
        return length == null ? RequestHeadWriter.Framing.CHUNKED : RequestHeadWriter.Framing.COUNTED;
    }

    Fetch fetch() {
        return fetch;
    }

    /** Whether the exchange has ended, so that the request must not be sent. */
    boolean isOver() {
        return over || failure.get() != null;
    }

    /** Registers for timeouts and for aborts of the exchange, before the call has a connection. */
    void prepare() {
        timer.onExpired(this::fail);
        timer.onLost(this::fail);
        guarded(() -> exchange.onAbort(() -> {
            timer.clientLeft();
            fail(new CancellationException("nobody reads"));
        }));
    }

    /** Sends the request on {@code on}, which was taken from the pool; false if another connection is needed. */
    boolean start(Http1Connection on) {
        connection.set(on);
        if (isOver()) {
            if (connection.getAndSet(null) != null) {
                on.park();
            }
            return true;
        }
        if (!on.begin(this)) {
            connection.set(null);
            on.close();
            return false;
        }
        sent = true;
        secure = on.isTls();
        guarded(() -> {
            exchange.onSent();
            timer.activity();
            send(on.getEndPoint());
            run();
        });
        return true;
    }

    private void send(EndPoint endPoint) {
        if (fetch.request().hasBody() && !expectsContinue) {
            sendContent(endPoint, head);
            return;
        }
        Runnable next = expectsContinue ? this::awaitContinue : this::onSent;
        try {
            if (endPoint.flush(head)) {
                next.run();
            } else {
                endPoint.write(Callback.from(InvocationType.NON_BLOCKING, next, this::onUnsent), head);
            }
        } catch (IOException broken) {
            onUnsent(broken);
        }
    }

    private void sendContent(EndPoint endPoint, @Nullable ByteBuffer first) {
        RequestSender sending = new RequestSender(this, endPoint, first, fetch, framing, timer);
        sender = sending;
        sending.iterate();
    }

    /** Holds the content back: an origin need not send 100 (RFC 9110 §10.1.1). */
    private void awaitContinue() {
        pool.scheduler().schedule(this::onContinue, CONTINUE_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void onContinue() {
        Http1Connection on = connection.get();
        if (expectsContinue && on != null && !isOver() && settled.compareAndSet(false, true)) {
            sendContent(on.getEndPoint(), null);
        }
    }

    /** The request was sent completely. */
    void onSent() {
        timer.sent();
        closeOne();
    }

    /** A write of the request failed. Received bytes are still read: the origin may have responded before it closed. */
    void onUnsent(Throwable cause) {
        unsent = cause instanceof IOException broken ? broken : new IOException(cause);
        readable = true;
        run();
    }

    /** The request content of the client broke off. */
    void onRequestBroke(Throwable cause) {
        requestBroke = true;
        fail(cause);
    }

    /** The connection has become readable. */
    void onReadable() {
        readable = true;
        run();
    }

    private void onWanted() {
        wanted = true;
        run();
    }

    /** Runs the read loop, unless another thread runs it. */
    @Override
    public void run() {
        if (asked.getAndIncrement() == 0) {
            takeTurns(1);
        }
    }

    private void takeTurns(int first) {
        int seen = first;
        pushed = 0;
        for (int chunks = 0; chunks < TURN; chunks++) {
            guarded(this::step);
            seen = asked.addAndGet(-seen);
            if (seen == 0) {
                return;
            }
        }
        int rest = seen;
        try {
            pool.execute(() -> takeTurns(rest));
        } catch (RejectedExecutionException stopping) {
            asked.set(0);
            fail(stopping);
        }
    }

    /** Reads until the next chunk, and passes it to the exchange. */
    private void step() throws IOException {
        while (!isOver() && wanted) {
            switch (reader.next(bytes())) {
                case MORE -> {
                    if (!read()) {
                        return;
                    }
                }
                case INTERIM -> {
                    relayInterim();
                    asked.incrementAndGet(); // continues in another step, which counts towards the turn
                    return;
                }
                case HEAD -> pushHead();
                case CONTENT -> {
                    push();
                    return;
                }
                case END -> complete();
            }
        }
        if (isOver()) {
            release();
        }
    }

    private ByteBuffer bytes() {
        return buffer == null ? BufferUtil.EMPTY_BUFFER : buffer.getByteBuffer();
    }

    /** Reads from the connection; false if no bytes are available. */
    private boolean read() throws IOException {
        Http1Connection from = connection.get();
        if (from == null) {
            return false;
        }
        if (pushed >= TURN_BYTES && !from.isTls() && unsent == null) { // the selector reports unread input again
            readable = false;
        }
        if (!readable) {
            release();
            IOException broken = unsent;
            if (broken != null) {
                fail(broken);
                return false;
            }
            timer.clientReads(false);
            from.awaitReadable();
            return false;
        }
        int filled = from.getEndPoint().fill(space());
        if (filled < 0) {
            end(from);
            return true;
        }
        if (filled > 0) {
            begun = true;
            timer.activity();
        }
        boolean full = buffer != null && BufferUtil.space(buffer.getByteBuffer()) == 0;
        if (filled == 0 || (!full && !from.isTls())) { // the selector reports later input
            readable = false;
        }
        if (full) {
            readSize = Math.min(2 * readSize, LARGEST_READ);
        } else if (filled < readSize / 2) { // a slow client retains the whole buffer
            readSize = Math.max(readSize / 2, SMALLEST_READ);
        }
        return true;
    }

    /** An empty buffer to read into, without chunks in use. */
    private ByteBuffer space() {
        if (buffer != null && buffer.isRetained()) {
            release();
        }
        RetainableByteBuffer into = buffer;
        if (into == null) {
            into = pool.buffers().acquire(readSize, true);
            buffer = into;
        }
        return into.getByteBuffer();
    }

    private void release() {
        RetainableByteBuffer held = buffer;
        buffer = null;
        if (held != null) {
            held.release();
        }
    }

    /** The end of the input. Neither a reset nor a local close is the end of a body (RFC 9112 §8). */
    private void end(Http1Connection from) throws IOException {
        if (from.isReset()) {
            throw new SocketException("Connection reset");
        }
        if (!from.isTls() && !from.getEndPoint().isOpen()) {
            throw new ClosedChannelException();
        }
        reader.end();
    }

    private void relayInterim() throws ProtocolException {
        if (++interims > MOST_INTERIMS) {
            throw new ProtocolException("too many interim responses");
        }
        if (reader.status() == 100) {
            onContinue();
        } else if (reader.status() == 102 || reader.status() == 103) {
            exchange.onInterim(reader.status(), reader.headers());
        }
    }

    private void pushHead() throws ProtocolException {
        if (reader.status() == 101) { // RFC 9110 §15.2.2: the request has no Upgrade
            throw new ProtocolException("unsolicited 101");
        }
        if (reader.status() == 408 && isReused() && ended.compareAndSet(false, true)) {
            repeat();
            return;
        }
        timer.answered();
        withheld = expectsContinue && settled.compareAndSet(false, true);
        if (fetch.attempt().answered(reader.status())) {
            retry();
            return;
        }
        exchange.onHead(fetch.response(reader.status(), reader.headers()));
    }

    /** Whether a 408 may have been sent before the request, because the connection was idle (RFC 9110 §15.5.9). */
    private boolean isReused() {
        Http1Connection on = connection.get();
        return mayRepeat && on != null && on.isReused();
    }

    /** Drops the response: the request is sent once more, on a new connection. */
    private void repeat() {
        over = true;
        Http1Connection timedOut = connection.getAndSet(null);
        if (timedOut != null) {
            timedOut.close();
        }
        sendAnew();
    }

    private void sendAnew() {
        left.set(true); // the next call leaves
        timer.end();
        pool.repeat(fetch);
    }

    /** Drops the response, and retries the request on another server. */
    private void retry() {
        if (ended.compareAndSet(false, true)) {
            over = true;
            Http1Connection unread = connection.getAndSet(null);
            if (unread != null) {
                unread.close();
            }
            leave();
            fetch.attempt().retry();
        } else {
            fetch.attempt().cancelRetry();
        }
    }

    private void push() {
        RetainableByteBuffer of = buffer;
        if (of == null) {
            throw new IllegalStateException("content without a buffer");
        }
        of.retain();
        wanted = false;
        pushed += reader.content().remaining();
        timer.clientReads(true);
        Chunk chunk = new Chunk(reader.content(), of::release);
        if (reader.isLastContent(of.getByteBuffer())) {
            exchange.onLastBody(chunk, this::onWanted);
        } else {
            exchange.onBody(chunk, this::onWanted);
        }
    }

    /** The response is complete. The connection is released once the request is complete, too. */
    private void complete() {
        boolean first = ended.compareAndSet(false, true); // before anything is closed, which fails what has not ended
        over = true;
        Http1Connection on = connection.get();
        boolean kept = !withheld
                && on != null
                && reader.isPersistent()
                && !bytes().hasRemaining()
                && unsent == null
                && !on.hasUnread(); // closes a connection whose TLS ends without close_notify
        release();
        timer.clientReads(false);
        if (kept) {
            closeOne();
        } else {
            Http1Connection unusable = connection.getAndSet(null);
            if (unusable != null) {
                unusable.close();
            }
            stopSending(new EOFException("the response is complete"));
            leave();
        }
        if (first) {
            Resuming.after(() -> exchange.onComplete(reader.trailers()));
        }
    }

    /** The request or the response is complete. */
    private void closeOne() {
        if (open.decrementAndGet() == 0) {
            Http1Connection free = connection.getAndSet(null);
            if (free != null) {
                free.park();
            }
            leave();
        }
    }

    /** Runs {@code step}; an exception ends the exchange. */
    private void guarded(Step step) {
        try {
            step.take();
        } catch (IOException broken) {
            fail(broken);
        } catch (Throwable thrown) {
            breakOff(thrown);
        }
    }

    private interface Step {
        void take() throws IOException;
    }

    private void breakOff(Throwable thrown) {
        failure.compareAndSet(null, thrown);
        ended.set(true);
        try {
            exchange.onFailure(OriginFault.unprocessed(thrown));
        } finally {
            close(thrown);
            leave();
            run();
        }
    }

    /** Closes the connection, and ends the exchange with a failure unless the request is retried or has ended. */
    void fail(Throwable given) {
        Throwable cause = secure ? OriginFault.afterHandshake(given, begun) : given;
        if (!failure.compareAndSet(null, cause)) {
            return;
        }
        close(cause);
        stopSending(cause);
        if (mayRepeat && !begun && OriginFault.isOfConnection(cause) && ended.compareAndSet(false, true)) {
            sendAnew();
        } else if (ended.compareAndSet(false, true)) {
            Progress progress = begun ? Progress.ANSWERED : sent ? Progress.SENT : Progress.UNSENT;
            boolean slowClient = OriginFault.isOfConnection(cause) && timer.isSlowedByClient();
            fetch.fail(fault(cause), progress, slowClient, this::leave);
        } else {
            leave();
        }
        run(); // releases the buffer
    }

    private void stopSending(Throwable cause) {
        RequestSender sending = sender;
        if (sending != null) {
            sending.abort(cause);
        } else if (expectsContinue) {
            fetch.body().cancel();
        }
    }

    private void close(Throwable cause) {
        Http1Connection broken = connection.getAndSet(null);
        if (broken != null) {
            broken.close(cause);
        }
    }

    private void leave() {
        if (left.compareAndSet(false, true)) {
            timer.end();
            fetch.end().run();
        }
    }

    private OriginException fault(Throwable cause) {
        if (requestBroke) {
            return new OriginException(Kind.CLIENT, "the request broke off", cause);
        }
        boolean asked = begun || cause instanceof ProtocolException;
        return OriginFault.of(
                cause instanceof ClosedChannelException ? new EOFException() : cause, asked, pool.timeouts());
    }
}
