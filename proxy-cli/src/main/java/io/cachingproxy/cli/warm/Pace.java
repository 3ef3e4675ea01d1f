package io.cachingproxy.cli.warm;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Limits the rate of requests: consecutive requests are at least {@code 1 / rate} seconds apart, without bursts. */
public final class Pace {
    private static final double NANOS = 1e9;

    private final long interval;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CompletableFuture<Void> stop = new CompletableFuture<>();
    private boolean begun;
    private long last;

    /** @param rate requests per second, more than 0 */
    public Pace(double rate) {
        this.interval = (long) (NANOS / rate);
    }

    /**
     * Takes the turn of the next request.
     *
     * @param now the time, in nanoseconds
     * @return nanoseconds until the request may be sent
     */
    long turn(long now) {
        long time = begun && last + interval - now > 0 ? last + interval : now;
        begun = true;
        last = time;
        return time - now;
    }

    /** Waits for the turn of the next request; false after {@link #stop}. */
    boolean await() throws InterruptedException {
        return !stopped.await(turn(System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    /** Ends waiting: no further request has a turn. */
    public void stop() {
        stopped.countDown();
        stop.complete(null);
    }

    /** Runs {@code action} at the {@link #stop}; at once after it. */
    void whenStopped(Runnable action) {
        stop.thenRun(action);
    }

    boolean isStopped() {
        return stopped.getCount() == 0;
    }
}
