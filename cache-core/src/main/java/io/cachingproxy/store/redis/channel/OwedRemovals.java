package io.cachingproxy.store.redis.channel;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.redis.near.NearCache;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What should be gone from Redis, which may not have heard of it: until then this node does not look there. Beyond a
 * bound, all is owed.
 *
 * <p>First a key is owed, then its near copy is dropped: so a lookup either does not ask Redis, or took its {@link
 * NearCache} mark before the copy was dropped, and what it read is not kept. Also if Redis is never told.
 */
public final class OwedRemovals {
    private static final int MAX = 10_000;
    private static final int STRIPES = 1024;

    private final NearCache near;
    /** Each with the ticket of its latest removal: an earlier one that Redis heard of does not settle a later one. */
    private final Map<CacheKey, Long> owed = new ConcurrentHashMap<>();

    private final AtomicLong tickets = new AtomicLong();
    private final AtomicLongArray removals = new AtomicLongArray(STRIPES);
    private volatile boolean allOwed;

    public OwedRemovals(NearCache near) {
        this.near = near;
    }

    /** Whether what Redis has under {@code key} should be gone. */
    public boolean isOwed(CacheKey key) {
        return allOwed || (!owed.isEmpty() && owed.containsKey(key));
    }

    boolean areAllOwed() {
        return allOwed;
    }

    List<CacheKey> keys() {
        return List.copyOf(owed.keySet());
    }

    /** A number that changes whenever {@code key} is removed, here or, as far as it is heard of, elsewhere. */
    long number(CacheKey key) {
        return removals.get(stripe(key));
    }

    private static int stripe(CacheKey key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & (STRIPES - 1);
    }

    /** Removes {@code key} here. The ticket that is returned is for {@link #told}. */
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

    /** Redis was told of the removal that has this ticket. */
    public void told(CacheKey key, long ticket) {
        near.drop(key);
        owed.remove(key, ticket);
    }

    /** It is gone from Redis, or will be. */
    public void gone(CacheKey key) {
        removals.incrementAndGet(stripe(key));
        near.drop(key);
    }

    void beginAll() {
        allOwed = true;
        near.dropAll();
    }

    /** Redis was told that everything is removed. */
    void allTold() {
        near.dropAll();
        owed.clear();
        allOwed = false;
    }
}
