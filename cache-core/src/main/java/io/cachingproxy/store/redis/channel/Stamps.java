package io.cachingproxy.store.redis.channel;

import io.cachingproxy.http.syntax.FieldValues;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The latest stamp that this node has heard of. Stamps number the removals; Redis gives them out, in order. A fill that
 * begins takes the latest known one along, and is refused if something was removed at a later one: what it fetches may
 * be older than the removal.
 */
public final class Stamps {
    /** Stamps are microseconds; the scripts count in doubles, which are exact up to here. */
    public static final long MAX = 1L << 53;

    private final AtomicLong latest = new AtomicLong();
    private final AtomicLong given = new AtomicLong();
    private final AtomicLong cleared = new AtomicLong();

    public long latest() {
        return latest.get();
    }

    /** The stamp at which everything was removed last, as far as this node knows. */
    long cleared() {
        return cleared.get();
    }

    /** The latest stamp that Redis has given out for certain: a Redis that does not know it has lost writes. */
    long given() {
        return given.get();
    }

    /** Redis has given out this stamp. */
    public void heard(long stamp) {
        if (stamp <= MAX) {
            read(stamp);
            raise(given, stamp);
        }
    }

    /** The same, from bytes without a checksum. */
    public void read(long stamp) {
        raise(latest, stamp);
    }

    private static void raise(AtomicLong number, long to) {
        if (number.get() < to) { // mostly not: each read of an entry comes here
            number.accumulateAndGet(to, Math::max);
        }
    }

    /** The same for a stamp at which everything was removed; returns whether that is news. */
    public boolean heardCleared(long stamp) {
        heard(stamp);
        return cleared.getAndAccumulate(stamp, Math::max) < stamp;
    }

    /** The stamp in decimal digits; 0 if they are none. */
    public static long parse(String text) {
        Long number = FieldValues.number(text, MAX);
        return number == null ? 0 : number;
    }

    /** The stamps that pulse.lua returns. */
    public record Last(long cleared, long purged, long lost) {
        public static Last parse(byte[] text) {
            long[] three = Stamps.parse(text, 3);
            return new Last(three[0], three[1], three[2]);
        }
    }

    /** The stamps that purge.lua returns: that of the purge, and that of the one before. */
    record Purged(long stamp, long before) {
        public static Purged parse(byte[] text) {
            long[] two = Stamps.parse(text, 2);
            return new Purged(two[0], two[1]);
        }
    }

    /** So many stamps with spaces between; 0 for each that is missing. */
    private static long[] parse(byte[] text, int count) {
        String[] parts = new String(text, StandardCharsets.ISO_8859_1).split(" ", count);
        long[] stamps = new long[count];
        for (int i = 0; i < parts.length; i++) {
            stamps[i] = parse(parts[i]);
        }
        return stamps;
    }

    public static long parse(byte[] text) {
        return parse(new String(text, StandardCharsets.ISO_8859_1));
    }
}
