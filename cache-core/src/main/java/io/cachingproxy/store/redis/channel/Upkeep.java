package io.cachingproxy.store.redis.channel;

import io.cachingproxy.store.redis.link.Capacity;
import io.cachingproxy.store.redis.link.RedisLog;
import io.cachingproxy.store.redis.near.NearCache;
import java.time.Duration;

/** Work after each answer to a {@link Pulse}: subscribes to the channel, and catches up with missed changes. */
public final class Upkeep {
    private final ChangeChannel channel;
    private final NearCache near;
    private final Stamps stamps;
    private final Capacity capacity;
    private final Removals removals;
    private final Purges purges;
    private final Membership membership;

    /** Stamp of the latest known loss of writes; negative before the first contact. */
    private long known = -1;

    public Upkeep(
            ChangeChannel channel,
            NearCache near,
            Stamps stamps,
            Capacity capacity,
            Removals removals,
            Purges purges,
            Membership membership) {
        this.channel = channel;
        this.near = near;
        this.stamps = stamps;
        this.capacity = capacity;
        this.removals = removals;
        this.purges = purges;
        this.membership = membership;
    }

    /**
     * Handles an answer of Redis.
     *
     * @param again runs the next pulse immediately
     * @param patience how long Redis may take to report whether it has room again
     */
    void answered(Stamps.Last last, Runnable again, Duration patience) {
        channel.subscribe(again);
        if (stamps.heardCleared(last.cleared())) {
            near.dropAll();
        }
        say(last.lost());
        capacity.probe(patience);
        removals.settle();
        purges.settle();
        purges.catchUp(last.purged());
        membership.pulsed();
    }

    /** Logs one line for each loss after the first contact. */
    private synchronized void say(long lost) {
        if (known >= 0 && lost > known) {
            RedisLog.LOG.warn("Redis has lost its list of purges (evicted, emptied, restored or failed over):"
                    + " everything stored before counts as removed");
        }
        known = Math.max(known, lost);
    }
}
