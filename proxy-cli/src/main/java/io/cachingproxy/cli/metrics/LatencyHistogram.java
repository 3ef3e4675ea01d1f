package io.cachingproxy.cli.metrics;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts durations in buckets of a sixteenth of their magnitude, from a microsecond to 19 hours: percentiles are exact
 * to 6 %. 528 counters, whatever is recorded.
 */
final class LatencyHistogram {
    private static final int BITS = 4;
    private static final int PARTS = 1 << BITS;
    private static final int MAX_MAGNITUDE = 36;
    private static final int BUCKETS = PARTS * (MAX_MAGNITUDE - BITS + 1);
    private static final long NANOS = 1_000;
    private static final double MICROS = 1_000;

    private final LongAdder[] counters = new LongAdder[BUCKETS];
    private final long[] before = new long[BUCKETS];

    LatencyHistogram() {
        for (int i = 0; i < BUCKETS; i++) {
            counters[i] = new LongAdder();
        }
    }

    void record(long nanos) {
        counters[bucket(Math.max(0, nanos) / NANOS)].increment();
    }

    private static int bucket(long micros) {
        if (micros < PARTS) {
            return (int) micros;
        }
        int magnitude = Long.SIZE - 1 - Long.numberOfLeadingZeros(micros);
        if (magnitude >= MAX_MAGNITUDE) {
            return BUCKETS - 1;
        }
        int shift = magnitude - BITS;
        return PARTS * shift + (int) (micros >>> shift);
    }

    /** The middle of a bucket, in milliseconds. */
    private static double middle(int bucket) {
        if (bucket < PARTS) {
            return (bucket + 0.5) / MICROS;
        }
        int shift = bucket / PARTS - 1;
        return (((long) bucket % PARTS + PARTS) + 0.5) * (1L << shift) / MICROS;
    }

    /** The durations that were recorded since the last call. Not for several threads. */
    Recorded take() {
        long[] counts = new long[BUCKETS];
        long all = 0;
        for (int i = 0; i < BUCKETS; i++) {
            long now = counters[i].sum();
            counts[i] = now - before[i];
            before[i] = now;
            all += counts[i];
        }
        return new Recorded(counts, all);
    }

    /** Durations of an interval. */
    static final class Recorded {
        private final long[] counts;
        private final long all;

        private Recorded(long[] counts, long all) {
            this.counts = counts;
            this.all = all;
        }

        /**
         * A percentile in milliseconds; NaN without durations.
         *
         * @param share from 0 to 1
         */
        float percentile(double share) {
            long rank = Math.max(1, (long) Math.ceil(share * all));
            long passed = 0;
            for (int i = 0; i < counts.length; i++) {
                passed += counts[i];
                if (passed >= rank) {
                    return (float) middle(i);
                }
            }
            return Float.NaN;
        }
    }
}
