package io.cachingproxy.store.redis.channel;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.redis.near.NearCache;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows to be gone: everything up to a stamp, what purges match, and single entries.
 *
 * @param stamps those of removals, and of the latest clearing
 */
public record Gone(Stamps stamps, KnownPurges purges, OwedRemovals removals) {
    /** Nothing is known to be gone yet; what is drops its copies in {@code near}. */
    public Gone(NearCache near) {
        this(new Stamps(), new KnownPurges(near), new OwedRemovals(near));
    }

    /**
     * What was known here when a fill began.
     *
     * @param stamp the latest stamp
     * @param purged the stamp up to which all purges were known
     * @param purges the number of purges so far: {@link KnownPurges#news}
     * @param removals the same of removals: {@link OwedRemovals#number}
     */
    public record Start(long stamp, long purged, long purges, long removals) {}

    /** A fill of {@code key} begins now. */
    public Start start(CacheKey key) {
        return new Start(stamps.latest(), purges.complete(), purges.news(), removals.number(key));
    }

    /** What clearings and purges leave of a response that Redis has under {@code stamp}; null for nothing. */
    @Nullable
    public StoredResponse left(CacheKey key, StoredResponse response, long stamp) {
        return stamp < stamps.cleared() ? null : purges.apply(key, response, stamp);
    }

    /** What clearings, removals and purges since a fill began leave of its response; null for nothing. */
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
