package io.cachingproxy.jetty.front;

import io.cachingproxy.Answer;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.net.JettyHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * Writes an answer to a Jetty response without blocking, at the pace of the content and of the client. Head and body
 * are one write if the body is a single chunk that is already in memory.
 */
public final class AnswerSender extends IteratingCallback implements PendingWrites.Write {
    /** Number of bytes written before the thread is yielded to other connections. */
    public static final long TURN = 1 << 20;

    private final Content content;
    private final @Nullable ServerContent request;
    private final PendingWrites pending;
    private final Response response;
    private final Callback callback;
    /** Whether the head may have to be flushed before any content, because its length is not announced. */
    private boolean headAlone;

    private @Nullable Chunk writing;
    private @Nullable Chunk next;
    private boolean last;
    private long written;
    private @Nullable IOException unreadable;
    /** Number of writes begun, and of writes completed. */
    private int begun;

    private volatile int done;
    private volatile boolean listed;

    private AnswerSender(
            Content content,
            boolean counted,
            @Nullable ServerContent request,
            PendingWrites pending,
            Response response,
            Callback callback) {
        this.request = request;
        this.pending = pending;
        this.content = content;
        this.headAlone = !counted;
        this.response = response;
        this.callback = callback;
    }

    /**
     * Writes {@code answer} and completes {@code callback}, which fails if the content breaks off or the client
     * disconnects.
     *
     * @param request the content of the request; null if it has none
     * @param pending the list of writes that wait for their clients
     */
    public static void send(
            Answer answer,
            @Nullable ServerContent request,
            PendingWrites pending,
            Response response,
            Callback callback) {
        response.setStatus(answer.head().status());
        if (answer.head().status() >= 400) {
            FaultLog.answered(response.getRequest(), answer);
        }
        Headers headers = answer.head().headers();
        JettyHeaders.into(response.getHeaders(), headers);
        boolean counted = headers.contains("Content-Length");
        Content content = answer.content();
        if (!counted) {
            response.setTrailersSupplier(() -> trailers(content));
        }
        if (request != null) {
            request.announce(response);
        }
        new AnswerSender(content, counted, request, pending, response, callback).iterate();
    }

    /** {@link #send}, for threads whose exceptions are not handled: an exception also completes the request. */
    public static void sendOrFail(
            Answer answer,
            @Nullable ServerContent request,
            PendingWrites pending,
            Response response,
            Callback callback) {
        try {
            send(answer, request, pending, response, callback);
        } catch (RuntimeException | Error unsendable) {
            answer.content().cancel();
            FaultLog.of(response.getRequest()).unwritten(response.getRequest(), unsendable);
            callback.failed(new EofException(unsendable));
        }
    }

    private static @Nullable HttpFields trailers(Content content) {
        Headers trailers = content.trailers();
        if (trailers.isEmpty()) {
            return null;
        }
        return JettyHeaders.into(HttpFields.build(), trailers);
    }

    @Override
    protected Action process() throws IOException {
        if (last) {
            return Action.SUCCEEDED;
        }
        if (written >= TURN) {
            written = 0;
            response.getRequest().getComponents().getExecutor().execute(this::iterate);
            return Action.IDLE;
        }
        Chunk chunk = next == null ? read() : next;
        next = null;
        if (headAlone && (chunk == null || (chunk.isEnd() && response.getStatus() == 304))) {
            headAlone = false; // flushes the head of an event stream; Jetty would add Content-Length: 0 to a 304
            next = chunk;
            write(BufferUtil.EMPTY_BUFFER);
            return Action.SCHEDULED;
        }
        headAlone = false;
        if (chunk == null) {
            content.demand(this::iterate);
            return Action.IDLE;
        }
        ByteBuffer bytes = BufferUtil.EMPTY_BUFFER;
        if (chunk.isEnd()) {
            last = true;
        } else {
            writing = chunk;
            bytes = chunk.bytes();
            written += bytes.remaining();
            next = ahead();
            last = next != null && next.isEnd();
        }
        write(bytes);
        return Action.SCHEDULED;
    }

    private void write(ByteBuffer bytes) {
        int number = ++begun;
        response.write(last, bytes, Callback.from(getInvocationType(), () -> written(number), this::failed));
        if (done < number && !listed) {
            list();
        }
    }

    private void written(int number) {
        done = number;
        succeeded();
    }

    /** Lists a write that waits for a slow client, which may be cut off meanwhile. */
    private void list() {
        listed = true;
        pending.add(this);
        if (isSucceeded() || isFailed()) {
            pending.remove(this);
        }
    }

    private void unlist() {
        if (listed) {
            pending.remove(this);
        }
    }

    @Override
    public boolean isCutOff() {
        return content.isCutOff();
    }

    @Override
    public void abort() {
        PendingWrites.abort(response.getRequest());
    }

    private @Nullable Chunk read() throws IOException {
        try {
            return content.read();
        } catch (IOException broken) {
            unreadable = broken;
            throw broken;
        }
    }

    /** The next chunk if it is already available, so that the last chunk is written with the end of the response. */
    private @Nullable Chunk ahead() throws IOException {
        try {
            return read();
        } catch (IOException broken) {
            release();
            throw broken;
        }
    }

    private void release() {
        if (writing != null) {
            writing.release();
            writing = null;
        }
    }

    @Override
    protected void onSuccess() {
        release();
    }

    @Override
    protected void onCompleteSuccess() {
        unlist();
        complete();
    }

    private void complete() {
        if (request == null) {
            callback.succeeded();
        } else {
            request.complete(callback);
        }
    }

    @Override
    protected void onCompleteFailure(Throwable cause) {
        unlist();
        release();
        if (next != null && !next.isEnd()) {
            next.release();
            next = null;
        }
        content.cancel();
        report(cause);
        if (response.isCommitted()) {
            callback.failed(isOfProxy(cause) ? new EofException(cause) : cause); // which Jetty does not log again
        } else {
            brokeOffAtOnce();
        }
    }

    /** Logs failures other than the origin's, which are logged already. */
    private void report(Throwable cause) {
        Request asked = response.getRequest();
        if (unreadable == null && isOfProxy(cause)) {
            FaultLog.of(asked).unwritten(asked, cause);
        } else if (unreadable == null || content.isCutOff()) {
            FaultLog.client(asked, "the client left or was cut off");
        } else if (!(unreadable.getCause() instanceof OriginException)) {
            FaultLog.of(asked).storedBody(asked, cause);
        }
    }

    /** Whether a write failed for neither the client nor its connection. */
    private static boolean isOfProxy(Throwable cause) {
        if (cause instanceof HttpException refused) { // a bad request also fails the writes of its response
            return refused.getCode() >= HttpStatus.INTERNAL_SERVER_ERROR_500;
        }
        return (cause instanceof RuntimeException || cause instanceof Error)
                && !(cause instanceof RejectedExecutionException)
                && !(cause instanceof CancellationException);
    }

    /** Answers 502: the content broke off before any byte of the response was sent. */
    private void brokeOffAtOnce() {
        String status = response.getHeaders().get("Cache-Status");
        response.reset();
        response.setStatus(502);
        if (status != null) { // keeps the reason of the forward and its outcome
            int answered = status.indexOf("; fwd-status=");
            response.getHeaders()
                    .add(
                            "Cache-Status",
                            (answered < 0 ? status : status.substring(0, answered)) + "; detail=origin-failed");
        }
        response.getHeaders()
                .add("Cache-Control", "no-store")
                .add("Content-Type", "text/plain;charset=utf-8")
                .add("X-Cache", "MISS");
        if (request != null) {
            request.announce(response);
        }
        Callback end = Callback.from(callback.getInvocationType(), this::complete, callback::failed);
        response.write(true, BufferUtil.toBuffer("the origin's response broke off\n"), end);
    }
}
