package io.cachingproxy.store.redis.channel;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.redis.link.Bounds;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.link.Script;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Removes entries: here immediately, and in Redis as soon as it is reachable. */
public final class Removals {
    private static final Duration TOMBSTONE = Duration.ofMinutes(10);

    /** How long an operator's clear waits for Redis. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final RedisLink link;
    private final Control control;
    private final KeyNames names;
    private final PendingInvalidations owed;
    private final Stamps stamps;
    private final String node;
    private final Duration patience;

    public Removals(Node node, Control control, KnownRemovals gone) {
        this.link = node.link();
        this.control = control;
        this.names = node.names();
        this.owed = gone.removals();
        this.stamps = gone.stamps();
        this.node = node.id();
        this.patience = node.patience();
    }

    /** Removes one entry. The stage completes when Redis has received the removal, or could not. */
    public CompletableFuture<Void> remove(CacheKey key) {
        long ticket = owed.begin(key);
        return told(key).handle((done, failure) -> {
            if (failure == null) {
                owed.told(key, ticket);
            }
            return null;
        });
    }

    /** Takes a stamp, then removes under it: a fetch that begins before the call ends has an earlier stamp. */
    private CompletableFuture<Long> told(CacheKey key) {
        return link.call(Operation.STAMP, patience, () -> control.bytes(Script.STAMP))
                .thenCompose(text -> {
                    long stamp = Stamps.parse(text);
                    byte[] message = new Change.Removed(node, stamp, key).bytes();
                    return link.call(
                                    Operation.INVALIDATE,
                                    names.entry(key),
                                    patience,
                                    () -> link.number(
                                            Script.INVALIDATE,
                                            List.of(names.entry(key), names.fills(key)),
                                            names.bodies(key),
                                            stamp,
                                            TOMBSTONE.toMillis(),
                                            Bounds.LINGER.toMillis(),
                                            Bounds.MAX_ENTRY,
                                            names.changes(),
                                            message))
                            .whenComplete((done, failure) -> stamps.heard(stamp));
                });
    }

    /** Repeats pending invalidations; to be called while Redis is reachable. */
    void settle() {
        if (owed.areAllOwed()) {
            removeAll();
        } else {
            owed.keys().forEach(this::remove);
        }
    }

    /**
     * Removes every entry and body under the prefix: immediately for all nodes, by a stamp with which hits are
     * compared, then key by key.
     *
     * @return the number of keys deleted; fails if Redis could not be reached
     */
    public CompletableFuture<Long> removeAll() {
        owed.beginAll();
        return link.probe(Operation.CLEAR, PATIENCE, () -> control.bytes(Script.CLEAR))
                .thenCompose(text -> {
                    stamps.heardCleared(Stamps.parse(text));
                    owed.allTold();
                    return link.client().getKeys().unlinkByPatternAsync(names.everything());
                });
    }
}
