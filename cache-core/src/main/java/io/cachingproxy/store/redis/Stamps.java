package io.cachingproxy.store.redis;

import io.cachingproxy.http.FieldValues;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The latest stamp that this node has heard of. Stamps number the removals; Redis gives them out, in order. A fill that
 * begins takes the latest known one along, and is refused if something was removed at a later one: what it fetches may
 * be older than the removal.
 */
final class Stamps {
    private final AtomicLong latest = new AtomicLong();
    private final AtomicLong cleared = new AtomicLong();

    long latest() {
        return latest.get();
    }

    /** The stamp at which everything was removed last, as far as this node knows. */
    long cleared() {
        return cleared.get();
    }

    void heard(long stamp) {
        latest.accumulateAndGet(stamp, Math::max);
    }

    /** The same for a stamp at which everything was removed; returns whether that is news. */
    boolean heardCleared(long stamp) {
        heard(stamp);
        return cleared.getAndAccumulate(stamp, Math::max) < stamp;
    }

    /** The stamp in decimal digits; 0 if they are none. */
    static long parse(String text) {
        Long number = FieldValues.number(text, Long.MAX_VALUE / 16);
        return number == null ? 0 : number;
    }

    /** The stamps that pulse.lua returns. */
    record Last(long cleared, long purged) {
        static Last parse(byte[] text) {
            String[] parts = new String(text, StandardCharsets.ISO_8859_1).split(" ", 2);
            return new Last(Stamps.parse(parts[0]), parts.length < 2 ? 0 : Stamps.parse(parts[1]));
        }
    }

    /** The stamps that purge.lua returns: that of the purge, and that of the one before. */
    record Purged(long stamp, long before) {
        static Purged parse(byte[] text) {
            Last two = Last.parse(text);
            return new Purged(two.cleared(), two.purged());
        }
    }

    static long parse(byte[] text) {
        return parse(new String(text, StandardCharsets.ISO_8859_1));
    }
}
