package io.cachingproxy.store.redis;

import io.cachingproxy.key.CacheKey;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Removes entries, here at once and in Redis as soon as it can be told. A removal that Redis did not hear of is owed:
 * until it was made good, this node does not find the key there. Beyond a bound, all is owed.
 */
final class Removals {
    private static final int MAX_OWED = 10_000;
    private static final Duration TOMBSTONE = Duration.ofMinutes(10);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final RedisLink link;
    private final KeyNames names;
    private final NearCache near;
    private final Stamps stamps;
    private final String node;
    private final Duration patience;
    private final Set<CacheKey> owed = ConcurrentHashMap.newKeySet();
    private volatile boolean allOwed;

    Removals(RedisLink link, KeyNames names, NearCache near, Stamps stamps, String node, Duration patience) {
        this.link = link;
        this.names = names;
        this.near = near;
        this.stamps = stamps;
        this.node = node;
        this.patience = patience;
    }

    /** Whether what Redis has under {@code key} should be gone. */
    boolean isOwed(CacheKey key) {
        return allOwed || !owed.isEmpty() && owed.contains(key);
    }

    /** Removes one entry. The stage ends when Redis was told, or could not be. */
    CompletableFuture<Void> remove(CacheKey key) {
        near.drop(key);
        owe(key);
        return told(key).handle((done, failure) -> {
            if (failure == null) {
                near.drop(key);
                owed.remove(key);
            }
            return null;
        });
    }

    private void owe(CacheKey key) {
        if (owed.size() < MAX_OWED) {
            owed.add(key);
        } else {
            allOwed = true;
        }
    }

    /** First a stamp, then the removal under it: so whatever fetches before the call ends has an earlier stamp. */
    private CompletableFuture<Long> told(CacheKey key) {
        return link.call(patience, () -> link.bytes(Script.STAMP, List.of(names.control()), Retention.MAX.toMillis()))
                .thenCompose(text -> {
                    long stamp = Stamps.parse(text);
                    byte[] message = new Change.Removed(node, stamp, key).bytes();
                    return link.call(
                                    patience,
                                    () -> link.number(
                                            Script.INVALIDATE,
                                            List.of(names.entry(key), names.fills(key)),
                                            names.bodies(key),
                                            stamp,
                                            TOMBSTONE.toMillis(),
                                            EntryWriter.LINGER.toMillis(),
                                            EntryReader.MAX_ENTRY,
                                            names.changes(),
                                            message))
                            .whenComplete((done, failure) -> stamps.heard(stamp));
                });
    }

    /** Makes good what is owed; to be called while Redis is reachable. */
    void settle() {
        if (allOwed) {
            removeAll();
        } else {
            List.copyOf(owed).forEach(this::remove);
        }
    }

    /**
     * Removes every entry and body under the prefix: at once for all nodes, by a stamp that hits compare with, then key
     * by key.
     *
     * @return the number of keys that were deleted; fails if Redis could not be told
     */
    CompletableFuture<Long> removeAll() {
        near.dropAll();
        allOwed = true;
        byte[] message = new Change.Cleared(node, 0).bytes();
        return link.probe(
                        PATIENCE,
                        () -> link.bytes(
                                Script.CLEAR,
                                List.of(names.control()),
                                Retention.MAX.toMillis(),
                                names.changes(),
                                message))
                .thenCompose(text -> {
                    stamps.heardCleared(Stamps.parse(text));
                    near.dropAll();
                    owed.clear();
                    allOwed = false;
                    return link.client().getKeys().unlinkByPatternAsync(names.everything());
                });
    }
}
