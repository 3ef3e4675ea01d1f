package io.cachingproxy.store.redis.channel;

import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.link.Bounds;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.link.Script;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps the purges that this node knows the same as the list that all nodes share. It is told of each over the channel,
 * and reads the list again when a pulse shows a later one than it knows. What Redis did not hear of is told again later.
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
    /** What Redis did not hear of, in the order of its tickets. */
    private final Map<Long, Purge> owed = new ConcurrentSkipListMap<>();

    private long tickets;
    private boolean overflow;
    private volatile boolean known;
    private final AtomicInteger interruptions = new AtomicInteger();
    private volatile int madeGood;

    /**
     * The stamp up to which the list is known for certain: it was read, or a pulse found nothing missing and no
     * interruption was noticed until the next one.
     */
    private volatile long certain;

    private volatile long candidate;

    public Purges(Node node, Control control, Gone gone) {
        this.link = node.link();
        this.control = control;
        this.purges = gone.purges();
        this.stamps = gone.stamps();
        this.node = node.id();
        this.patience = node.patience();
    }

    /** Whether the list was read, and nothing is owed to it: before, what Redis has cannot be judged. */
    public boolean areKnown() {
        return known && owed.isEmpty();
    }

    /** Purges here at once, and on all nodes as soon as Redis can be told. */
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
    }

    private synchronized void owe(Purge purge) {
        if (owed.size() < MAX_OWED) {
            owed.put(tickets++, purge);
        } else {
            overflow = true;
            purges.forget(purge);
        }
    }

    /** A purge was heard of over the channel, where they come in the order of their stamps. */
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

    /** Messages may have been missed. */
    void interrupted() {
        interruptions.incrementAndGet();
    }

    private boolean isInterrupted() {
        return interruptions.get() != madeGood;
    }

    /** Reads the list if something may be missing here: all of it the first time, then only what is new. */
    void catchUp(long latest) {
        int interruption = interruptions.get();
        if (known && interruption == madeGood && latest <= purges.complete()) {
            certain = candidate;
            candidate = latest;
            return;
        }
        link.call(patience, () -> control.list(Script.PURGES, certain)).whenComplete((fields, failure) -> {
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

    /** Tells Redis once what it did not hear; everything is purged if that was too much to remember. */
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
