package io.cachingproxy.origin;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.client.Request;
import org.jspecify.annotations.Nullable;

/**
 * One request that waits for the origin: for the head of its response, once the whole request was sent, and before and
 * after that for each next sign of life. Jetty's own idle time-out goes on while it is the client that is waited for, to
 * send the rest of the request or to take some of the response, and so cuts off honest slow ones.
 *
 * <p>A request that has timed out is aborted. If Jetty's client does not report its end by the next look, it has lost the
 * request, and the exchange is ended without it.
 */
final class Waiting {
    /** No origin loses patience with a client sooner. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final OriginTimeouts timeouts;
    private final Consumer<Waiting> remove;
    private final long begun = System.nanoTime();
    private volatile @Nullable TimeoutException expired;
    private volatile Consumer<TimeoutException> abort = failure -> {};
    private volatile Consumer<TimeoutException> lost = failure -> {};

    /** When the last sign of life came, 0 before the request began; as {@link System#nanoTime} has it. */
    private volatile long sign;

    /** When all of the request was sent, 0 before that. */
    private volatile long sent;

    /** Whether the head of the response is here, which may be before all of the request was sent. */
    private volatile boolean answered;

    private volatile boolean sending;
    private volatile boolean reading;

    /** Since when the client is waited for, 0 if it is not; guarded by this, as is {@link #clientNanos}. */
    private long clientSince;

    /** How long the client was waited for before that. */
    private long clientNanos;

    Waiting(OriginTimeouts timeouts, Consumer<Waiting> remove) {
        this.timeouts = timeouts;
        this.remove = remove;
    }

    /** Sets what ends the request if it waits for too long. */
    void onExpired(Consumer<TimeoutException> action) {
        abort = action;
    }

    /** Follows a request of Jetty's client, which is aborted if it waits for too long. */
    Waiting follow(Request request) {
        onExpired(request::abort);
        request.onRequestBegin(begun -> sign())
                .onRequestContent((sent, bytes) -> sign())
                .onRequestSuccess(whole -> sent())
                .onResponseBegin(response -> sign())
                .onResponseHeader((response, field) -> sign() != 0)
                .onResponseHeaders(response -> answered());
        return this;
    }

    /** Whether the request is being sent, or was, on a connection that stands. */
    boolean hasBegun() {
        return sign != 0;
    }

    /** All of the request was sent. */
    void sent() {
        sent = sign();
    }

    /** The head of the final response is here. */
    void answered() {
        answered = true;
    }

    /** The origin gives a sign of life. */
    long sign() {
        long now = System.nanoTime() | 1;
        sign = now;
        return now;
    }

    /** Whether it is the client's turn to send something. */
    void clientSends(boolean now) {
        sending = now;
        count();
    }

    /** Whether it is the client's turn to take something. */
    void clientReads(boolean now) {
        reading = now;
        count();
    }

    private synchronized void count() {
        long now = sign();
        boolean ofClient = sending || reading;
        if (ofClient && clientSince == 0) {
            clientSince = now;
        } else if (!ofClient && clientSince != 0) {
            clientNanos += now - clientSince;
            clientSince = 0;
        }
    }

    /** How long the client was waited for until {@code now}, as {@link System#nanoTime} has it. */
    private synchronized long clientNanos(long now) {
        return clientNanos + (clientSince == 0 ? 0 : Math.max(0, now - clientSince));
    }

    /** Whether the client was waited for longer than the origin. */
    private boolean isOfClient(long now) {
        return clientNanos(now) > (now - begun) / 2;
    }

    /**
     * Whether an origin that hangs up may have run out of patience with the client: the client was waited for longer than
     * the origin, and for {@link #PATIENCE} at least.
     */
    boolean isSlowedByClient() {
        long now = System.nanoTime();
        return clientNanos(now) >= PATIENCE.toNanos() && isOfClient(now);
    }

    /** It is nobody's turn any more but the origin's: to end. */
    void clientLeft() {
        sending = false;
        clientReads(false);
    }

    /** Called if the request timed out and Jetty's client does not report its end. */
    void onLost(Consumer<TimeoutException> end) {
        lost = end;
    }

    /** The request is over, and its response. */
    void over() {
        remove.accept(this);
    }

    OriginTimeouts timeouts() {
        return timeouts;
    }

    /** Aborts the request if it waited too long. */
    void check(long now) {
        TimeoutException before = expired;
        if (before != null) {
            over();
            lost.accept(before);
            return;
        }
        TimeoutException failure = overdue(now);
        if (failure != null) {
            expired = failure;
            abort.accept(failure);
        }
    }

    private @Nullable TimeoutException overdue(long now) {
        if (isOver(begun, now, timeouts.total())) {
            if (isOfClient(now)) {
                return new ClientTimeout(sending || sent == 0, timeouts.total());
            }
            return OriginTimeouts.exceeded("not complete", timeouts.total(), "--origin-timeout");
        }
        Duration toSend = timeouts.connect().plus(timeouts.firstByte());
        if (sign == 0) {
            return isOver(begun, now, toSend)
                    ? OriginTimeouts.exceeded("not sent", toSend, "--origin-connect-timeout")
                    : null;
        }
        if (sent != 0 && !answered) {
            return isOver(sent, now, timeouts.firstByte())
                    ? OriginTimeouts.exceeded("no response", timeouts.firstByte(), "--origin-first-byte-timeout")
                    : null;
        }
        return !sending && !reading && isOver(sign, now, timeouts.idle())
                ? OriginTimeouts.exceeded("silent", timeouts.idle(), "--origin-idle-timeout")
                : null;
    }

    private static boolean isOver(long since, long now, Duration time) {
        return now - since >= time.toNanos();
    }
}
