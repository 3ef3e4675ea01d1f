package io.cachingproxy.store.redis.channel;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The clock of Redis, as the answers to pulses show it: so ages of messages are measured by one clock, and clocks of
 * nodes are never compared. The error is half the shortest round trip of the last pulses. If the clock of Redis is set,
 * ages are wrong for a few seconds; a Redis whose clock was set back assigns stamps of the future until it has caught
 * up, whose age is 0.
 */
public final class RedisClock {
    /** Number of answers from which the one with the shortest round trip is used: 3 s of pulses. */
    private static final int SAMPLES = 8;

    private static final long NANOS = 1000;

    /**
     * @param offset the clock of Redis minus {@link System#nanoTime}
     * @param error the largest deviation from it
     */
    private record Sample(long offset, long error) {}

    private final @Nullable Sample[] samples = new Sample[SAMPLES];
    private int next;
    private volatile @Nullable Sample best;

    /**
     * Records the answer to a pulse.
     *
     * @param sent when the pulse was sent, by {@link System#nanoTime}
     * @param received when the answer arrived
     * @param micros the time in the answer; 0 if it is unknown
     */
    synchronized void answered(long sent, long received, long micros) {
        if (micros <= 0) {
            return;
        }
        long error = (received - sent) / 2;
        samples[next] = new Sample(micros * NANOS - (sent + error), error);
        next = (next + 1) % SAMPLES;
        Sample least = null;
        for (Sample sample : samples) {
            if (sample != null && (least == null || sample.error < least.error)) {
                least = sample;
            }
        }
        best = least;
    }

    /** Forgets the answers so far. */
    synchronized void reset() {
        Arrays.fill(samples, null);
        best = null;
    }

    /**
     * The time that has passed on the clock of Redis; at least 0. Empty if that clock is unknown.
     *
     * @param micros a time of Redis, in microseconds since 1970
     * @param now by {@link System#nanoTime}
     */
    Optional<Duration> since(long micros, long now) {
        Sample known = best;
        return known == null
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(Math.max(0, now + known.offset - micros * NANOS)));
    }
}
