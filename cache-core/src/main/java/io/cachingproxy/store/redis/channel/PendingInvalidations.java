package io.cachingproxy.store.redis.channel;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.redis.near.NearCache;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Pending invalidations: removals that Redis may not have received. Until it has, this node does not look up these keys
 * in Redis. Beyond a bound, all keys count as pending.
 *
 * <p>A key becomes pending before its near copy is dropped: so a lookup either does not ask Redis, or took its
 * {@link NearCache} mark before the copy was dropped, and its result is not kept. This holds even if Redis never
 * receives the removal.
 */
public final class PendingInvalidations {
    private static final int MAX = 10_000;
    private static final int STRIPES = 1024;

    private final NearCache near;
    /**
     * Each key with the ticket of its latest removal: confirmation of an earlier removal does not settle a later one.
     */
    private final Map<CacheKey, Long> owed = new ConcurrentHashMap<>();

    private final AtomicLong tickets = new AtomicLong();
    private final AtomicLongArray removals = new AtomicLongArray(STRIPES);
    private volatile boolean allOwed;

    public PendingInvalidations(NearCache near) {
        this.near = near;
    }

    /** Whether the entry of {@code key} in Redis is to be removed. */
    public boolean isOwed(CacheKey key) {
        return allOwed || (!owed.isEmpty() && owed.containsKey(key));
    }

    /** The number of keys whose removal Redis may not have received; beyond the bound, the bound. */
    public int size() {
        return allOwed ? MAX : owed.size();
    }

    boolean areAllOwed() {
        return allOwed;
    }

    List<CacheKey> keys() {
        return List.copyOf(owed.keySet());
    }

    /** A counter that changes whenever {@code key} is removed here, or elsewhere as far as this node knows. */
    long number(CacheKey key) {
        return removals.get(stripe(key));
    }

    private static int stripe(CacheKey key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & (STRIPES - 1);
    }

    /** Removes {@code key} here. The returned ticket is for {@link #told}. */
    public long begin(CacheKey key) {
        long ticket = tickets.incrementAndGet();
        if (owed.size() < MAX) {
            owed.put(key, ticket);
        } else {
            allOwed = true;
        }
        gone(key);
        return ticket;
    }

    /** Redis has received the removal with this ticket. */
    public void told(CacheKey key, long ticket) {
        near.drop(key);
        owed.remove(key, ticket);
    }

    /** The entry is removed from Redis, or will be. */
    public void gone(CacheKey key) {
        removals.incrementAndGet(stripe(key));
        near.drop(key);
    }

    void beginAll() {
        allOwed = true;
        near.dropAll();
    }

    /** Redis has received the removal of everything. */
    void allTold() {
        near.dropAll();
        owed.clear();
        allOwed = false;
    }
}
