package io.cachingproxy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * A clock that notices, by comparison with a counter of nanoseconds, when it is set back by more than {@link #TOLERATED}. What
 * is stored would otherwise be fresh for that much longer. Smaller steps, as time synchronisation makes them, pass.
 */
final class WatchedClock implements InstantSource {
    static final Duration TOLERATED = Duration.ofSeconds(10);

    /** A second of the clock, and the nanoseconds counted when it was first seen. */
    private record Reading(long second, long nanos) {
        /** By how many seconds the clock has advanced less than the counter from {@code earlier} to this. */
        long behind(Reading earlier) {
            return TimeUnit.NANOSECONDS.toSeconds(nanos - earlier.nanos) - (second - earlier.second);
        }
    }

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final BiConsumer<Duration, Instant> onSetBack;
    private volatile Reading latest;

    /**
     * A clock that shows the time of {@code clock}.
     *
     * @param nanos a counter as {@link System#nanoTime} is one
     * @param onSetBack told of each step back and of the time after it, before that time is returned
     */
    WatchedClock(InstantSource clock, LongSupplier nanos, BiConsumer<Duration, Instant> onSetBack) {
        this.clock = clock;
        this.nanos = nanos;
        this.onSetBack = onSetBack;
        this.latest = reading(clock.instant());
    }

    private Reading reading(Instant now) {
        return new Reading(now.getEpochSecond(), nanos.getAsLong());
    }

    @Override
    public Instant instant() {
        Instant now = clock.instant();
        Reading last = latest;
        if (now.getEpochSecond() == last.second()) {
            return now;
        }
        Reading read = reading(now);
        if (isSetBack(read, last)) {
            return afterStepBack();
        }
        if (read.second() > last.second()) {
            latest = read;
        }
        return now;
    }

    /** Reads both again: this thread may have been held up between the two, or another one has noticed the step. */
    private synchronized Instant afterStepBack() {
        Instant now = clock.instant();
        Reading last = latest;
        Reading read = reading(now);
        if (isSetBack(read, last)) {
            latest = read;
            onSetBack.accept(Duration.ofSeconds(read.behind(last)), now);
        }
        return now;
    }

    private static boolean isSetBack(Reading read, Reading last) {
        return read.behind(last) > TOLERATED.toSeconds();
    }
}
