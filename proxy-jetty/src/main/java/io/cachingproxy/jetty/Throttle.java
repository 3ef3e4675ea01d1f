package io.cachingproxy.jetty;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Lets {@link #LINES} through in each {@link #SECONDS}, and counts the rest. */
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

    /** How many were left out since the last one that passed; -1 if this one is left out, too. */
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
