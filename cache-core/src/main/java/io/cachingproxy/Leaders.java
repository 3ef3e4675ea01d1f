package io.cachingproxy;

import io.cachingproxy.key.CacheKey;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;

/**
 * Who is fetching what: at most one exchange leads for a key.
 *
 * <p>Between asking the store and becoming leader, another leader may have stored the very response and left. Who sees
 * that {@link #departures} changed meanwhile asks the store again.
 */
final class Leaders {
    private static final int STRIPES = 1024;

    private final ConcurrentMap<CacheKey, Exchange> leaders = new ConcurrentHashMap<>();
    private final AtomicLongArray departures = new AtomicLongArray(STRIPES);

    /** The leader for {@code key}, which is made of {@code mine} if there was none. */
    Exchange leadOrFind(CacheKey key, Supplier<Exchange> mine) {
        return leaders.computeIfAbsent(key, k -> mine.get());
    }

    /** From now on nobody waits for this exchange. */
    void leave(CacheKey key, Exchange exchange) {
        if (leaders.remove(key, exchange)) {
            departures.incrementAndGet(stripe(key));
        }
    }

    /** A number that changes whenever a leader for {@code key} leaves. */
    long departures(CacheKey key) {
        return departures.get(stripe(key));
    }

    private static int stripe(CacheKey key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & STRIPES - 1;
    }
}
