package io.cachingproxy.store.redis.channel;

import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.link.Bounds;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.link.Script;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Synchronises the purges known to this node with the list shared by all nodes. The channel reports each purge, and the
 * list is read again when a pulse shows a later one than is known here. Purges that Redis has not received are
 * repeated.
 */
public final class Purges {
    private static final int MAX = 10_000;
    private static final int MAX_OWED = 1000;

    private final RedisLink link;
    private final Control control;
    private final KnownPurges purges;
    private final Stamps stamps;
    private final String node;
    private final Duration patience;
    /** Purges that Redis has not received, in the order of their tickets. */
    private final Map<Long, Purge> owed = new ConcurrentSkipListMap<>();

    private long tickets;
    private boolean overflow;
    private volatile boolean known;
    private final AtomicInteger interruptions = new AtomicInteger();
    private volatile int madeGood;

    /**
     * The stamp up to which the list is certainly known: it was read, or a pulse found nothing missing and no
     * interruption was detected until the next one.
     */
    private volatile long certain;

    private volatile long candidate;

    /** The stamp of the latest purge of this node that Redis has acknowledged. */
    private final AtomicLong acknowledged = new AtomicLong();

    public Purges(Node node, Control control, KnownRemovals gone) {
        this.link = node.link();
        this.control = control;
        this.purges = gone.purges();
        this.stamps = gone.stamps();
        this.node = node.id();
        this.patience = node.patience();
    }

    /** Whether the list was read and no purge is pending; before that, responses from Redis cannot be judged. */
    public boolean areKnown() {
        return known && owed.isEmpty();
    }

    /** The stamp of the latest purge of this node that Redis has acknowledged; 0 if there is none. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /** The number of purges that Redis has not received. */
    public int pending() {
        return owed.size();
    }

    /** Applies a purge here immediately, and on all nodes as soon as Redis receives it. */
    public CompletableFuture<Confirmation> purge(Purge purge) {
        purges.begin(purge);
        return tell(purge).handle((stamps, failure) -> {
            if (failure == null) {
                told(purge, stamps);
                return Confirmation.CONFIRMED;
            }
            owe(purge);
            return Confirmation.PENDING;
        });
    }

    private CompletableFuture<byte[]> tell(Purge purge) {
        byte[] message = new Change.Purged(node, purge).bytes();
        return link.call(
                Operation.PURGE,
                patience,
                () -> control.bytes(
                        Script.PURGE,
                        PurgeCodec.field(purge),
                        PurgeCodec.value(purge),
                        MAX,
                        Bounds.RETENTION.toMillis(),
                        message));
    }

    private void told(Purge purge, byte[] text) {
        Stamps.Purged purged = Stamps.Purged.parse(text);
        stamps.heard(purged.stamp());
        purges.told(purge, purged.stamp(), purged.before());
        acknowledged.accumulateAndGet(purged.stamp(), Math::max);
    }

    private synchronized void owe(Purge purge) {
        if (owed.size() < MAX_OWED) {
            owed.put(tickets++, purge);
        } else {
            overflow = true;
            purges.forget(purge);
        }
    }

    /** Handles a purge from the channel, which delivers them in the order of their stamps. */
    void heard(Purge purge, long stamp) {
        learn(purge, stamp);
        if (!isInterrupted()) {
            purges.completeUpTo(stamp);
        }
    }

    private void learn(Purge purge, long stamp) {
        stamps.heard(stamp);
        purges.learn(purge, stamp);
    }

    /** Records that messages may have been missed. */
    void interrupted() {
        interruptions.incrementAndGet();
    }

    private boolean isInterrupted() {
        return interruptions.get() != madeGood;
    }

    /** Reads the list if purges may be missing here: completely the first time, then only new ones. */
    void catchUp(long latest) {
        int interruption = interruptions.get();
        if (known && interruption == madeGood && latest <= purges.complete()) {
            certain = candidate;
            candidate = latest;
            return;
        }
        link.call(Operation.PURGES, patience, () -> control.list(Script.PURGES, certain))
                .whenComplete((fields, failure) -> {
                    if (failure == null) {
                        for (int i = 0; i + 1 < fields.size(); i += 2) {
                            learn(fields.get(i), fields.get(i + 1));
                        }
                        purges.completeUpTo(latest);
                        madeGood = interruption;
                        certain = latest;
                        candidate = latest;
                        known = true;
                    }
                });
    }

    private void learn(byte[] field, byte[] value) {
        PurgeCodec.Stamped purge = PurgeCodec.parse(field, value);
        if (purge != null && purge.stamp() > 0) {
            learn(purge.purge(), purge.stamp());
        }
    }

    /** Repeats pending purges; purges everything if there were too many to remember. */
    public void settle() {
        oweEverything();
        owed.forEach(this::settle);
    }

    private synchronized void oweEverything() {
        if (overflow) {
            overflow = false;
            Purge everything = Purge.hard(new Purge.Scope.All());
            purges.begin(everything);
            owed.values().forEach(purges::forget);
            owed.clear();
            owed.put(tickets++, everything);
        }
    }

    private void settle(long ticket, Purge purge) {
        tell(purge).thenAccept(stamps -> {
            if (owed.remove(ticket, purge)) {
                told(purge, stamps);
            }
        });
    }
}
