package io.cachingproxy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Measures the silence of an origin; time spent waiting for the client does not count. */
final class Silence {
    private final long limit;
    private volatile long since = System.nanoTime();
    private volatile boolean clientSends;
    private volatile boolean clientReads;
    private volatile boolean over;
    private volatile CompletableFuture<Void> timer = CompletableFuture.completedFuture(null);

    Silence(Duration limit) {
        this.limit = limit.toNanos();
    }

    /** Starts the watch. {@code exceeded} is called at most once, on another thread. */
    void watch(Runnable exceeded) {
        sign();
        arm(limit, exceeded);
    }

    private void arm(long nanos, Runnable exceeded) {
        CompletableFuture<Void> next = new CompletableFuture<Void>().orTimeout(nanos, TimeUnit.NANOSECONDS);
        timer = next;
        next.whenCompleteAsync((ended, late) -> {
            if (late != null) {
                check(exceeded);
            }
        });
        if (over) {
            next.complete(null);
        }
    }

    private void check(Runnable exceeded) {
        long left = clientSends || clientReads ? limit : limit - (System.nanoTime() - since);
        if (over) {
            return;
        }
        if (left > 0) {
            arm(left, exceeded);
        } else {
            exceeded.run();
        }
    }

    /** Records that the origin accepted or sent something. */
    void sign() {
        since = System.nanoTime();
    }

    /** Sets whether the exchange waits for the client to send the next piece of the request. */
    void clientSends(boolean value) {
        sign();
        clientSends = value;
    }

    /** Sets whether the exchange waits for the client to read the last piece of the response. */
    void clientReads(boolean value) {
        sign();
        clientReads = value;
    }

    /** Ends the watch. */
    void over() {
        over = true;
        timer.complete(null);
    }
}
