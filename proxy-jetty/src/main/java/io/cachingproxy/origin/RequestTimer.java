package io.cachingproxy.origin;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.client.Request;
import org.jspecify.annotations.Nullable;

/**
 * The timeouts of one request to an origin: the first-byte timeout between the end of the request and the head of the
 * response, the idle timeout before and after that, and the total timeout. The idle timeout is suspended while the proxy
 * waits for the client to send the rest of the request or to read the response. Jetty's own idle timeout is not, and so
 * would abort requests of slow clients.
 *
 * <p>A request that exceeds a timeout is aborted. If Jetty's client does not report the end of the request by the next
 * check, the request is considered lost, and {@link #onLost} ends the exchange.
 */
final class RequestTimer {
    /** Shortest wait for a client that explains why an origin closes the connection. */
    private static final Duration SLOW_CLIENT = Duration.ofSeconds(1);

    private final OriginTimeouts timeouts;
    private final Consumer<RequestTimer> remove;
    private final long begun = System.nanoTime();
    private volatile @Nullable TimeoutException expired;
    private volatile Consumer<TimeoutException> abort = failure -> {};
    private volatile Consumer<TimeoutException> lost = failure -> {};

    private volatile Runnable slow = () -> {};
    private volatile long latencyNanos = Long.MAX_VALUE;
    /** Whether {@link #slow} was called; guarded by this. */
    private boolean isSlow;

    /** Time of the last activity of the origin ({@link System#nanoTime}); 0 before the request began. */
    private volatile long lastActivity;

    /** Time at which the request was sent completely; 0 before that. */
    private volatile long sent;

    /** Whether the head of the response was received, possibly before the request was sent completely. */
    private volatile boolean answered;

    private volatile boolean sending;
    private volatile boolean reading;

    /** Start of the current wait for the client, 0 if there is none; guarded by this, as is {@link #clientNanos}. */
    private long clientSince;

    /** Total time of earlier waits for the client, in nanoseconds. */
    private long clientNanos;

    RequestTimer(OriginTimeouts timeouts, Consumer<RequestTimer> remove) {
        this.timeouts = timeouts;
        this.remove = remove;
    }

    /** Sets the action that aborts the request when a timeout is exceeded. */
    void onExpired(Consumer<TimeoutException> action) {
        abort = action;
    }

    /** Observes a request of Jetty's client, and aborts the request when a timeout is exceeded. */
    RequestTimer follow(Request request) {
        onExpired(request::abort);
        request.onRequestBegin(begun -> activity())
                .onRequestContent((sent, bytes) -> activity())
                .onRequestSuccess(whole -> sent())
                .onResponseBegin(response -> activity())
                .onResponseHeader((response, field) -> activity() != 0)
                .onResponseHeaders(response -> answered());
        return this;
    }

    /** Whether the request is being sent, or was, on a connection that stands. */
    boolean hasBegun() {
        return lastActivity != 0;
    }

    /** The request was sent completely. */
    void sent() {
        sent = activity();
    }

    /** The head of the final response was received. */
    void answered() {
        boolean late = !answered && isTooLate(System.nanoTime());
        answered = true;
        if (late) {
            slow.run();
        }
    }

    /** Sets the action for a response that takes longer than the latency of {@code attempt}. */
    RequestTimer observe(Attempt attempt) {
        latencyNanos = attempt.latency().map(Duration::toNanos).orElse(Long.MAX_VALUE);
        slow = attempt::slow;
        return this;
    }

    /** Whether the response takes longer than the latency; true once. */
    private synchronized boolean isTooLate(long now) {
        if (isSlow || sent == 0 || now - sent <= latencyNanos) {
            return false;
        }
        isSlow = true;
        return true;
    }

    /** Records activity of the origin; returns the current time. */
    long activity() {
        long now = System.nanoTime() | 1;
        lastActivity = now;
        return now;
    }

    /** Sets whether the proxy waits for the client to send the rest of the request. */
    void clientSends(boolean now) {
        sending = now;
        count();
    }

    /** Sets whether the proxy waits for the client to read the response. */
    void clientReads(boolean now) {
        if (reading != now) {
            reading = now;
            count();
        }
    }

    private synchronized void count() {
        long now = activity();
        boolean ofClient = sending || reading;
        if (ofClient && clientSince == 0) {
            clientSince = now;
        } else if (!ofClient && clientSince != 0) {
            clientNanos += now - clientSince;
            clientSince = 0;
        }
    }

    /** Total time of waits for the client until {@code now}, a value of {@link System#nanoTime}. */
    private synchronized long clientNanos(long now) {
        return clientNanos + (clientSince == 0 ? 0 : Math.max(0, now - clientSince));
    }

    /** Whether the client was waited for longer than the origin. */
    private boolean isOfClient(long now) {
        return clientNanos(now) > (now - begun) / 2;
    }

    /**
     * Whether a slow client may be the reason for which the origin closes the connection: the waits for the client were
     * longer than those for the origin, and at least {@link #SLOW_CLIENT}.
     */
    boolean isSlowedByClient() {
        long now = System.nanoTime();
        return clientNanos(now) >= SLOW_CLIENT.toNanos() && isOfClient(now);
    }

    /** The client disconnected, so that the proxy waits only for the origin. */
    void clientLeft() {
        sending = false;
        clientReads(false);
    }

    /** Sets the action for a request that exceeded a timeout and whose end Jetty's client does not report. */
    void onLost(Consumer<TimeoutException> end) {
        lost = end;
    }

    /** Request and response have ended. */
    void end() {
        remove.accept(this);
    }

    OriginTimeouts timeouts() {
        return timeouts;
    }

    /** Aborts the request if a timeout is exceeded. */
    void check(long now) {
        if (!answered && isTooLate(now)) {
            slow.run();
        }
        TimeoutException before = expired;
        if (before != null) {
            end();
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
        if (lastActivity == 0) {
            return isOver(begun, now, toSend)
                    ? OriginTimeouts.exceeded("not sent", toSend, "--origin-connect-timeout")
                    : null;
        }
        if (sent != 0 && !answered) {
            return isOver(sent, now, timeouts.firstByte())
                    ? OriginTimeouts.exceeded("no response", timeouts.firstByte(), "--origin-first-byte-timeout")
                    : null;
        }
        return !sending && !reading && isOver(lastActivity, now, timeouts.idle())
                ? OriginTimeouts.exceeded("silent", timeouts.idle(), "--origin-idle-timeout")
                : null;
    }

    private static boolean isOver(long since, long now, Duration time) {
        return now - since >= time.toNanos();
    }

    /** Not the identity hash code, whose first computation takes longer than all other work of a timer. */
    @Override
    public int hashCode() {
        return Long.hashCode(begun);
    }
}
