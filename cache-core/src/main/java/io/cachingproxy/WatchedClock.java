package io.cachingproxy;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * A clock that detects when the system time is set back by more than {@link #TOLERATED}, by comparison with a monotonic
 * counter. Stored responses would otherwise stay fresh for that much longer. Smaller corrections, such as those of time
 * synchronisation, are ignored.
 */
final class WatchedClock implements InstantSource {
    static final Duration TOLERATED = Duration.ofSeconds(10);

    /** A second of the clock, and the counter when it was first observed. */
    private record Reading(long second, long nanos) {
        /**
         * The seconds by which the clock has advanced less than the counter between {@code earlier} and this reading.
         */
        long behind(Reading earlier) {
            return TimeUnit.NANOSECONDS.toSeconds(nanos - earlier.nanos) - (second - earlier.second);
        }
    }

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final BiConsumer<Duration, Instant> onSetBack;
    private volatile Reading latest;

    /**
     * Creates a clock that shows the time of {@code clock}.
     *
     * @param nanos a monotonic counter such as {@link System#nanoTime}
     * @param onSetBack called with each step back and the time after it, before that time is returned
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

    /**
     * Reads clock and counter again: the thread may have been delayed between the two, or another one has handled the
     * step.
     */
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
