package io.cachingproxy.store.redis.channel;

import io.cachingproxy.store.redis.link.Capacity;
import io.cachingproxy.store.redis.link.RedisLog;
import io.cachingproxy.store.redis.near.NearCache;
import java.time.Duration;

/** What is done with each answer to a {@link Pulse}: listens to the channel, and makes good what was missed meanwhile. */
public final class Upkeep {
    private final ChangeChannel channel;
    private final NearCache near;
    private final Stamps stamps;
    private final Capacity capacity;
    private final Removals removals;
    private final Purges purges;

    /** When the latest loss was that this node knows of; less than 0 before the first contact. */
    private long known = -1;

    public Upkeep(
            ChangeChannel channel, NearCache near, Stamps stamps, Capacity capacity, Removals removals, Purges purges) {
        this.channel = channel;
        this.near = near;
        this.stamps = stamps;
        this.capacity = capacity;
        this.removals = removals;
        this.purges = purges;
    }

    /**
     * Redis answered.
     *
     * @param again has the next pulse come at once
     * @param patience how long Redis may take to answer whether it has room again
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
    }

    /** One line for each loss after the first contact. */
    private synchronized void say(long lost) {
        if (known >= 0 && lost > known) {
            RedisLog.LOG.warn("Redis has lost its list of purges (evicted, emptied, restored or failed over):"
                    + " everything stored before counts as removed");
        }
        known = Math.max(known, lost);
    }
}
