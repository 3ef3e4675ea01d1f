package io.cachingproxy.jetty;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.Request;

/**
 * One request that waits for the origin: for the head of its response, once the whole request was sent, and for each next
 * sign of life. Jetty's own idle time-out goes on while it is the client that is waited for, to send the rest of the
 * request or to take some of the response, and so cuts off honest slow ones.
 */
final class Waiting {
    private final Request request;
    /** When the last sign of life came, 0 before the request began; as {@link System#nanoTime} has it. */
    private volatile long sign;

    /** When all of the request was sent, 0 before that. */
    private volatile long sent;

    /** Whether the head of the response is here, which may be before all of the request was sent. */
    private volatile boolean answered;

    private volatile boolean sending;
    private volatile boolean reading;

    Waiting(Request request) {
        this.request = request;
        request.onRequestBegin(begun -> sign())
                .onRequestContent((sent, bytes) -> sign())
                .onRequestSuccess(whole -> sent = sign())
                .onResponseBegin(response -> sign())
                .onResponseHeader((response, field) -> sign() != 0)
                .onResponseHeaders(response -> answered = true);
    }

    private long sign() {
        long now = System.nanoTime() | 1;
        sign = now;
        return now;
    }

    /** Whether it is the client's turn to send something. */
    void clientSends(boolean now) {
        sending = now;
        sign();
    }

    /** Whether it is the client's turn to take something. */
    void clientReads(boolean now) {
        reading = now;
        sign();
    }

    /** Aborts the request if it waited too long. */
    void check(long now, Duration firstByte, Duration idle) {
        if (!answered && isOver(sent, now, firstByte)) {
            request.abort(new TimeoutException("no response yet"));
        } else if (!sending && !reading && isOver(sign, now, idle)) {
            request.abort(new TimeoutException("silent for " + idle.toMillis() + " ms"));
        }
    }

    private static boolean isOver(long since, long now, Duration time) {
        return since != 0 && now - since >= time.toNanos();
    }
}
