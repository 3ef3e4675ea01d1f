package io.cachingproxy.store.redis.channel;

import io.cachingproxy.http.syntax.FieldValues;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The latest stamp known to this node. Stamps number the removals; Redis assigns them in order. A fill records the
 * latest known stamp when it begins, and is refused if a removal has a later one, because its response may be older
 * than the removal.
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

    /** The stamp of the latest clearing known to this node. */
    long cleared() {
        return cleared.get();
    }

    /** The latest stamp that Redis has certainly assigned: a Redis that does not know it has lost writes. */
    long given() {
        return given.get();
    }

    /** Records a stamp that Redis has assigned. */
    public void heard(long stamp) {
        if (stamp <= MAX) {
            read(stamp);
            raise(given, stamp);
        }
    }

    /** Records a stamp from bytes without a checksum. */
    public void read(long stamp) {
        raise(latest, stamp);
    }

    private static void raise(AtomicLong number, long to) {
        if (number.get() < to) { // usually false: each read of an entry gets here
            number.accumulateAndGet(to, Math::max);
        }
    }

    /** Records the stamp of a clearing; returns whether it is new. */
    public boolean heardCleared(long stamp) {
        heard(stamp);
        return cleared.getAndAccumulate(stamp, Math::max) < stamp;
    }

    /** Parses a stamp in decimal digits; 0 if it is malformed. */
    public static long parse(String text) {
        Long number = FieldValues.number(text, MAX);
        return number == null ? 0 : number;
    }

    /**
     * The stamps that pulse.lua returns.
     *
     * @param now the time of the server, in microseconds since 1970
     */
    public record Last(long cleared, long purged, long lost, long now) {
        public static Last parse(byte[] text) {
            long[] four = Stamps.parse(text, 4);
            return new Last(four[0], four[1], four[2], four[3]);
        }
    }

    /** The stamps that purge.lua returns: of the purge, and of the preceding one. */
    record Purged(long stamp, long before) {
        public static Purged parse(byte[] text) {
            long[] two = Stamps.parse(text, 2);
            return new Purged(two[0], two[1]);
        }
    }

    /** Parses {@code count} stamps separated by spaces; 0 for each that is missing. */
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
