package io.cachingproxy.jetty.front;

import io.cachingproxy.Answer;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;
import org.jspecify.annotations.Nullable;

/**
 * Writes an answer to a client without blocking, at the pace of the content and of the client. Head and body
 * are one write if the body is a single chunk that is already in memory.
 */
public final class AnswerSender extends IteratingCallback implements PendingWrites.Write {
    /** Number of bytes written before the thread is yielded to other connections. */
    public static final long TURN = 1 << 20;

    private static final String BROKE_OFF = "the origin's response broke off\n";

    private final ResponseHead head;
    private final Content content;
    private final PendingWrites pending;
    private final Outgoing response;
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

    private AnswerSender(Answer answer, PendingWrites pending, Outgoing response) {
        this.pending = pending;
        this.head = answer.head();
        this.content = answer.content();
        this.headAlone = !head.headers().contains("Content-Length");
        this.response = response;
    }

    /**
     * Writes {@code answer} and ends {@code response}, which fails if the content breaks off or the client disconnects.
     *
     * @param pending the list of writes that wait for their clients
     */
    public static void send(Answer answer, PendingWrites pending, Outgoing response) {
        if (answer.head().status() >= 400) {
            FaultLog.answered(response.subject(), answer);
        }
        response.head(answer.head(), answer.content());
        new AnswerSender(answer, pending, response).iterate();
    }

    /** {@link #send}, for threads whose exceptions are not handled: an exception also ends the response. */
    public static void sendOrFail(Answer answer, PendingWrites pending, Outgoing response) {
        try {
            send(answer, pending, response);
        } catch (RuntimeException | Error unsendable) {
            answer.content().cancel();
            response.faults().unwritten(response.subject(), unsendable);
            response.failed(new EofException(unsendable));
        }
    }

    @Override
    protected Action process() throws IOException {
        if (last) {
            return Action.SUCCEEDED;
        }
        if (written >= TURN) {
            written = 0;
            response.execute(this::iterate);
            return Action.IDLE;
        }
        Chunk chunk = next == null ? read() : next;
        next = null;
        if (headAlone && chunk == null) {
            headAlone = false; // flushes the head of an event stream
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
        response.abort();
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
        response.completed();
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
            response.failed(isOfProxy(cause) ? new EofException(cause) : cause); // which Jetty does not log again
        } else {
            brokeOffAtOnce();
        }
    }

    /** Logs failures other than the origin's, which are logged already. */
    private void report(Throwable cause) {
        if (unreadable == null && isOfProxy(cause)) {
            response.faults().unwritten(response.subject(), cause);
        } else if (unreadable == null || content.isCutOff()) {
            FaultLog.client(response.subject(), "the client left or was cut off");
        } else if (!(unreadable.getCause() instanceof OriginException)) {
            response.faults().storedBody(response.subject(), cause);
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
        Headers.Builder headers = Headers.builder();
        String status = head.headers().first("Cache-Status");
        if (status != null) { // keeps the reason of the forward and its outcome
            int answered = status.indexOf("; fwd-status=");
            headers.add(
                    "Cache-Status", (answered < 0 ? status : status.substring(0, answered)) + "; detail=origin-failed");
        }
        headers.add("Cache-Control", "no-store")
                .add("Content-Type", "text/plain;charset=utf-8")
                .add("Content-Length", String.valueOf(BROKE_OFF.length()))
                .add("X-Cache", "MISS");
        response.head(new ResponseHead(HttpStatus.BAD_GATEWAY_502, headers.build()), Content.empty());
        Callback end = Callback.from(getInvocationType(), response::completed, response::failed);
        response.write(true, BufferUtil.toBuffer(BROKE_OFF), end);
    }
}
