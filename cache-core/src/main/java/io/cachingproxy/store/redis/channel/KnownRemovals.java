package io.cachingproxy.store.redis.channel;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.redis.near.NearCache;
import org.jspecify.annotations.Nullable;

/**
 * The removals that this node knows: everything up to a stamp, purges, and single entries.
 *
 * @param stamps those of removals, and of the latest clearing
 */
public record KnownRemovals(Stamps stamps, KnownPurges purges, PendingInvalidations removals) {
    /** Creates an empty state; later removals drop their copies in {@code near}. */
    public KnownRemovals(NearCache near) {
        this(new Stamps(), new KnownPurges(near), new PendingInvalidations(near));
    }

    /**
     * The state when a fill began.
     *
     * @param stamp the latest stamp
     * @param purged the stamp up to which all purges were known
     * @param purges the number of purges so far: {@link KnownPurges#news}
     * @param removals the number of removals so far: {@link PendingInvalidations#number}
     */
    public record Start(long stamp, long purged, long purges, long removals) {}

    /** The state for a fill of {@code key} that begins now. */
    public Start start(CacheKey key) {
        return new Start(stamps.latest(), purges.complete(), purges.news(), removals.number(key));
    }

    /** Applies clearings and purges to a response that Redis has under {@code stamp}; null if it was removed. */
    @Nullable
    public StoredResponse left(CacheKey key, StoredResponse response, long stamp) {
        return stamp < stamps.cleared() ? null : purges.apply(key, response, stamp);
    }

    /** Applies clearings, removals and purges since a fill began to its response; null if it was removed. */
    @Nullable
    public StoredResponse left(CacheKey key, StoredResponse response, Start start) {
        return removals.number(key) == start.removals() ? left(key, response, start.stamp()) : null;
    }

    /** Whether nothing was purged or cleared since a fill began, nor {@code key} removed. */
    public boolean isCurrent(CacheKey key, Start start) {
        return stamps.cleared() <= start.stamp()
                && purges.news() == start.purges()
                && removals.number(key) == start.removals();
    }
}
