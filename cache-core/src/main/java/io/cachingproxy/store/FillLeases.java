package io.cachingproxy.store;

import io.cachingproxy.key.CacheKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Leases that coordinate which of several nodes fetches from the origin when they miss the same variant of a key. They
 * only save requests: the store prevents that stale responses are stored, so a node that cannot wait may always fetch
 * without a lease.
 *
 * <pre>{@code
 * find, miss -> ask -> Held:      fetch, fill, commit, release
 *                      Elsewhere: when over, find again; if there is still nothing, fetch alone if the other
 *                                 node is done, else ask again
 * }</pre>
 */
public interface FillLeases {
    /** Leases for a single node, which always fetches. */
    FillLeases ALONE = (key, variant) -> CompletableFuture.completedFuture(new Held(() -> {}));

    /**
     * Asks for the lease to fill a variant of {@code key}. The stage never fails; if the leases are unreachable, it is
     * granted.
     *
     * @param variant {@link io.cachingproxy.key.Selection#variant}, if a response to the key is known; else empty
     */
    CompletionStage<Lease> ask(CacheKey key, String variant);

    /** The result of asking for a lease. */
    sealed interface Lease {}

    /**
     * This node holds the lease and fetches.
     *
     * @param release to be run when the response was stored, or will not be: wakes the waiting nodes. A lease that is
     *     not released is renewed for a minute; the lease of a node that died ends within 2 s.
     */
    record Held(Runnable release) implements Lease {}

    /**
     * Another node holds the lease.
     *
     * @param over completes with true when that node has stored or released, with false when its lease may have
     *     expired, after 2 s at most; never fails
     */
    record Elsewhere(CompletionStage<Boolean> over) implements Lease {}
}
