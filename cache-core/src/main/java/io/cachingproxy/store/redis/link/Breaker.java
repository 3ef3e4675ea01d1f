package io.cachingproxy.store.redis.link;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breaker of one Redis server. A call is bad if it failed or was answered after the deadline, regardless of
 * its own timeout: a server that answers late is as useless as one that is down.
 *
 * <p>The breaker opens after three consecutive bad calls that are spread over time (a pause of this process is not a
 * failure of the server), or when half of the last hundred calls were bad. It closes after three consecutive good
 * probes; after more, up to twelve, if it reopened soon. This prevents flapping when the latency of the server is close
 * to the deadline.
 */
final class Breaker {
    private static final int IN_A_ROW = 3;
    private static final int MOST_IN_A_ROW = 12;

    /** The most consecutive calls of one request: find, ask for the lease, and find again. */
    private static final int CALLS = 3;

    private static final long SOON = TimeUnit.SECONDS.toNanos(5);
    private static final CircuitBreakerConfig CONFIG = CircuitBreakerConfig.custom()
            .slidingWindow(100, 20, SlidingWindowType.COUNT_BASED)
            .failureRateThreshold(50)
            .build();

    private final CircuitBreaker rate = CircuitBreaker.of("redis", CONFIG);
    private final long deadlineNanos;
    private final LongSupplier nanoTime;
    private final Runnable opened;
    private volatile boolean closed;
    private volatile int bad;
    private volatile int slow;
    private long firstBad;
    private int good;
    private int needed = 1;
    private long closedAt;
    private volatile boolean doubtful;
    private volatile long doubtfulUntil;
    private volatile String reason = "not connected yet";

    /**
     * Creates a breaker that is open until the first good probe.
     *
     * @param nanoTime such as {@link System#nanoTime}
     * @param opened run each time that it opens
     */
    Breaker(Duration deadline, LongSupplier nanoTime, Runnable opened) {
        this.deadlineNanos = deadline.toNanos();
        this.nanoTime = nanoTime;
        this.opened = opened;
    }

    /** Creates a breaker that is closed. */
    static Breaker closed(Duration deadline, LongSupplier nanoTime, Runnable opened) {
        Breaker breaker = new Breaker(deadline, nanoTime, opened);
        breaker.close();
        return breaker;
    }

    /** Whether calls are permitted. */
    boolean isClosed() {
        return closed;
    }

    /**
     * Whether calls are permitted and none failed within the last deadline, so that one request does not wait for
     * several deadlines in a row.
     */
    boolean isPrompt() {
        return closed && (!doubtful || nanoTime.getAsLong() - doubtfulUntil >= 0);
    }

    /** Whether the breaker is prompt and answers are fast enough for several consecutive calls within the deadline. */
    boolean isQuick() {
        return isPrompt() && slow < IN_A_ROW;
    }

    /** The state, for operators: half-open if the latest probe was good. */
    synchronized BreakerState state(String server) {
        BreakerState.Kind kind =
                closed ? BreakerState.Kind.CLOSED : good > 0 ? BreakerState.Kind.HALF_OPEN : BreakerState.Kind.OPEN;
        return new BreakerState(server, kind, reason);
    }

    /** The reason of the latest bad call. */
    String reason() {
        return reason;
    }

    /** Records a call with a short answer, which any healthy server gives quickly. */
    void called(long nanos, @Nullable Throwable failure) {
        slow = nanos * CALLS > deadlineNanos ? slow + 1 : 0;
        if (!isBad(nanos, failure)) {
            wasGood(nanos);
        } else if (wasBad(nanos, failure)) {
            opened.run();
        }
    }

    /** Records a call that transferred many bytes, which may take longer. */
    void transferred(long nanos, @Nullable Throwable failure) {
        if (failure != null && !RedisLink.isAlive(failure) && wasBad(nanos, failure)) {
            opened.run();
        }
    }

    /** Records a probe, which may close the breaker. */
    void probed(long nanos, @Nullable Throwable failure) {
        called(nanos, failure);
        synchronized (this) {
            good = isBad(nanos, failure) ? 0 : good + 1;
            if (!closed && good >= needed) {
                close();
            }
        }
    }

    private boolean isBad(long nanos, @Nullable Throwable failure) {
        return nanos > deadlineNanos || (failure != null && !RedisLink.isAlive(failure));
    }

    private void wasGood(long nanos) {
        bad = 0;
        if (closed) {
            rate.onSuccess(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Records a bad call; returns whether the breaker opened. */
    private synchronized boolean wasBad(long nanos, @Nullable Throwable failure) {
        long now = nanoTime.getAsLong();
        reason = failure == null || RedisLink.unwrapped(failure) instanceof TimeoutException
                ? "no answer within " + TimeUnit.NANOSECONDS.toMillis(deadlineNanos) + " ms"
                : RedisLink.reason(failure);
        doubtfulUntil = now + deadlineNanos;
        doubtful = true;
        if (!closed) {
            return false;
        }
        firstBad = bad == 0 ? now : firstBad;
        bad++;
        rate.onError(nanos, TimeUnit.NANOSECONDS, new TimeoutException());
        boolean inARow = bad >= IN_A_ROW && now - firstBad >= deadlineNanos;
        if (inARow || rate.getState() != CircuitBreaker.State.CLOSED) {
            closed = false;
            good = 0;
            needed = now - closedAt < SOON ? Math.min(Math.max(2 * needed, IN_A_ROW), MOST_IN_A_ROW) : IN_A_ROW;
            return true;
        }
        return false;
    }

    private synchronized void close() {
        rate.reset();
        bad = 0;
        doubtful = false;
        closedAt = nanoTime.getAsLong();
        closed = true;
    }
}
