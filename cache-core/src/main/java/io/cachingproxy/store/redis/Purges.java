package io.cachingproxy.store.redis;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Bans;
import io.cachingproxy.store.Purge;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.redisson.client.codec.ByteArrayCodec;

/**
 * This node's copy of the purges that all nodes share. It is told of each over the channel, and reads the list again
 * when a pulse shows a later one than it knows. What Redis did not hear of is told again later.
 */
final class Purges {
    private static final int MAX = 10_000;
    private static final int MAX_OWED = 1000;

    private final RedisLink link;
    private final KeyNames names;
    private final NearCache near;
    private final Stamps stamps;
    private final String node;
    private final Duration patience;
    private final Bans bans = new Bans();
    private final Queue<Purge> owed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger owedCount = new AtomicInteger();
    private volatile boolean overflow;
    private volatile boolean known;
    private volatile boolean interrupted;

    Purges(RedisLink link, KeyNames names, NearCache near, Stamps stamps, String node, Duration patience) {
        this.link = link;
        this.names = names;
        this.near = near;
        this.stamps = stamps;
        this.node = node;
        this.patience = patience;
    }

    /** Whether the list was read, and nothing is owed to it: before, what Redis has cannot be judged. */
    boolean areKnown() {
        return known && owedCount.get() == 0;
    }

    /** What the purges leave of a response that Redis has; null for nothing. */
    @Nullable
    StoredResponse apply(CacheKey key, StoredResponse response, long stamp) {
        return bans.apply(key, response, stamp);
    }

    /** The stamp of the latest purge that is known here. */
    long latest() {
        return bans.latest();
    }

    /** The stamp from which purges hold for a validated response: see {@link Bans#validated}. */
    long validated(CacheKey key, StoredResponse found, long stamp, long since) {
        return bans.validated(key, found, stamp, since);
    }

    /** Purges here at once, and on all nodes as soon as Redis can be told. */
    CompletableFuture<Void> purge(Purge purge) {
        near.purge(purge);
        return tell(purge).handle((text, failure) -> {
            if (failure == null) {
                heard(purge, Stamps.parse(text));
            } else {
                owe(purge);
            }
            return null;
        });
    }

    private CompletableFuture<byte[]> tell(Purge purge) {
        byte[] message = new Change.Purged(node, purge).bytes();
        return link.call(
                patience,
                () -> link.bytes(
                        Script.PURGE,
                        List.of(names.control()),
                        PurgeCodec.field(purge),
                        PurgeCodec.value(purge),
                        Retention.MAX.toMillis(),
                        MAX,
                        names.changes(),
                        message));
    }

    private void owe(Purge purge) {
        if (owedCount.incrementAndGet() <= MAX_OWED) {
            owed.add(purge);
        } else {
            overflow = true;
        }
    }

    /** There is a purge, perhaps of another node. */
    void heard(Purge purge, long stamp) {
        stamps.heard(stamp);
        if (bans.add(purge, stamp)) {
            near.purge(purge);
        }
    }

    /** Messages may have been missed. */
    void interrupted() {
        interrupted = true;
    }

    /** Reads the list if something may be missing here. */
    void catchUp(long latest) {
        if (known && !interrupted && latest <= bans.latest()) {
            return;
        }
        interrupted = false;
        link.call(
                        patience,
                        () -> link.client()
                                .<byte[], byte[]>getMap(names.control(), ByteArrayCodec.INSTANCE)
                                .readAllMapAsync())
                .whenComplete((fields, failure) -> {
                    if (failure == null) {
                        fields.forEach(this::learn);
                        known = true;
                    } else {
                        interrupted = true;
                    }
                });
    }

    private void learn(byte[] field, byte[] value) {
        PurgeCodec.Stamped purge = PurgeCodec.parse(field, value);
        if (purge != null && purge.stamp() > 0) {
            heard(purge.purge(), purge.stamp());
        }
    }

    /** Tells Redis what it did not hear; everything is purged if that was too much to remember. */
    void settle() {
        if (overflow) {
            overflow = false;
            owed.clear();
            owed.add(Purge.hard(new Purge.Scope.All()));
            owedCount.set(1);
        }
        for (Purge purge = owed.poll(); purge != null; purge = owed.poll()) {
            settle(purge);
        }
    }

    private void settle(Purge purge) {
        tell(purge).whenComplete((text, failure) -> {
            if (failure == null) {
                heard(purge, Stamps.parse(text));
                owedCount.decrementAndGet();
            } else {
                owed.add(purge);
            }
        });
    }
}
