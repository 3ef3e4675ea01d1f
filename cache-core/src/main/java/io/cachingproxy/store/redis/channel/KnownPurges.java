package io.cachingproxy.store.redis.channel;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.parts.Bans;
import io.cachingproxy.store.redis.near.NearCache;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The purges that this node knows, applied to its near copies and to responses read from Redis.
 *
 * <p>A purge by this node takes effect here before Redis has assigned its stamp: responses read in that time are purged
 * regardless of their stamps. A response that is read before a purge and becomes a near copy after it is still purged:
 * near copies are purged after the purge is known here, and a copy with an earlier {@link NearCache} mark is covered by
 * that purge.
 */
public final class KnownPurges {
    private final NearCache near;
    private final Bans bans = new Bans();
    private final Queue<Purge> untold = new ConcurrentLinkedQueue<>();
    private final AtomicLong news = new AtomicLong();
    private final AtomicLong complete = new AtomicLong();

    public KnownPurges(NearCache near) {
        this.near = near;
    }

    /** Applies a purge of this node from now on; must be followed by {@link #told} or {@link #forget}. */
    public void begin(Purge purge) {
        untold.add(purge);
        news.incrementAndGet();
        near.purge(purge);
    }

    /**
     * Redis has accepted a purge of this node.
     *
     * @param before the stamp of the preceding purge, by any node
     */
    public void told(Purge purge, long stamp, long before) {
        learn(purge, stamp);
        if (before <= complete.get()) {
            completeUpTo(stamp);
        }
        untold.remove(purge);
    }

    /** Withdraws this purge, because another one will be sent to Redis in its place. */
    void forget(Purge purge) {
        untold.remove(purge);
    }

    /** Adds a purge, possibly by another node. It applies when this method returns, even if another thread added it. */
    public synchronized void learn(Purge purge, long stamp) {
        if (bans.add(purge, stamp)) {
            news.incrementAndGet();
            near.purge(purge);
        }
    }

    /** Marks all purges up to this stamp as known. */
    public void completeUpTo(long stamp) {
        complete.accumulateAndGet(stamp, Math::max);
    }

    /**
     * The stamp up to which all purges are known here; a later purge may become known before one that is still in
     * transit.
     */
    public long complete() {
        return complete.get();
    }

    /** A counter that changes with each new purge. */
    long news() {
        return news.get();
    }

    /** Applies the purges to a response from Redis; null if it was purged. */
    @Nullable
    public StoredResponse apply(CacheKey key, StoredResponse response, long stamp) {
        StoredResponse left = underWay(key, response); // first: a purge that leaves this list is in the bans already
        return left == null ? null : bans.apply(key, left, stamp);
    }

    /** Applies the purges without a stamp. Usually there are none, and never many. */
    private @Nullable StoredResponse underWay(CacheKey key, StoredResponse response) {
        if (untold.isEmpty()) {
            return response;
        }
        Bans unstamped = new Bans();
        untold.forEach(purge -> unstamped.add(purge, 1));
        return unstamped.apply(key, response, 0);
    }

    /** The stamp from which purges apply to a validated response: see {@link Bans#validated}. */
    public long validated(CacheKey key, StoredResponse found, long stamp, long since) {
        return bans.validated(key, found, stamp, since);
    }
}
