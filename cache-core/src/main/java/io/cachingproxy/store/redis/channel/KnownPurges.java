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
 * The purges that this node knows of, and what they leave of its near copies and of what it reads in Redis.
 *
 * <p>A purge of this node holds here before Redis has given it a stamp: what is read meanwhile is judged by it whatever
 * its own stamp is. That a response read before a purge becomes a near copy after it is harmless: near copies are purged
 * after the purge is known here, and one that bears an earlier {@link NearCache} mark falls under that.
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

    /** A purge of this node: holds from now on; to be followed by {@link #told} or {@link #forget}. */
    public void begin(Purge purge) {
        untold.add(purge);
        news.incrementAndGet();
        near.purge(purge);
    }

    /**
     * Redis has taken a purge of this node.
     *
     * @param before the stamp of the purge before it, of whatever node
     */
    public void told(Purge purge, long stamp, long before) {
        learn(purge, stamp);
        if (before <= complete.get()) {
            completeUpTo(stamp);
        }
        untold.remove(purge);
    }

    /** Redis will be told of another purge in place of this one. */
    void forget(Purge purge) {
        untold.remove(purge);
    }

    /** There is a purge, perhaps of another node. When this returns it holds, also if another thread brought it. */
    public synchronized void learn(Purge purge, long stamp) {
        if (bans.add(purge, stamp)) {
            news.incrementAndGet();
            near.purge(purge);
        }
    }

    /** All purges up to this stamp are known. */
    public void completeUpTo(long stamp) {
        complete.accumulateAndGet(stamp, Math::max);
    }

    /** The stamp up to which no purge is missing here: a later one may be known before one that is still on its way. */
    public long complete() {
        return complete.get();
    }

    /** A number that changes with each purge that becomes known. */
    long news() {
        return news.get();
    }

    /** What the purges leave of a response that Redis has; null for nothing. */
    @Nullable
    public StoredResponse apply(CacheKey key, StoredResponse response, long stamp) {
        StoredResponse left = underWay(key, response); // first: a purge that is no longer here is among the bans
        return left == null ? null : bans.apply(key, left, stamp);
    }

    /** What is left by the purges that have no stamp yet. There are mostly none, and never many. */
    private @Nullable StoredResponse underWay(CacheKey key, StoredResponse response) {
        if (untold.isEmpty()) {
            return response;
        }
        Bans unstamped = new Bans();
        untold.forEach(purge -> unstamped.add(purge, 1));
        return unstamped.apply(key, response, 0);
    }

    /** The stamp from which purges hold for a validated response: see {@link Bans#validated}. */
    public long validated(CacheKey key, StoredResponse found, long stamp, long since) {
        return bans.validated(key, found, stamp, since);
    }
}
