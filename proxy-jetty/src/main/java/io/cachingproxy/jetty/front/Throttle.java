package io.cachingproxy.jetty.front;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Rate limiter of log lines: permits {@link #LINES} lines per {@link #SECONDS} seconds, and counts the rest. */
final class Throttle {
    static final int LINES = 10;
    static final int SECONDS = 10;

    private final LongSupplier nanoTime;
    private long begin;
    private int passed;
    private int omitted;

    Throttle(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begin = nanoTime.getAsLong();
    }

    /** Number of lines left out since the last permitted one; -1 if this line is left out, too. */
    synchronized int take() {
        long now = nanoTime.getAsLong();
        if (now - begin >= TimeUnit.SECONDS.toNanos(SECONDS)) {
            begin = now;
            passed = 0;
        }
        if (passed == LINES) {
            omitted++;
            return -1;
        }
        passed++;
        int before = omitted;
        omitted = 0;
        return before;
    }
}
