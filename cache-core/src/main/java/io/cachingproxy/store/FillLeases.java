package io.cachingproxy.store;

import io.cachingproxy.key.CacheKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Settles which of many nodes that miss the same variant of a key asks the origin. It saves requests and no more: that nothing stale
 * is stored is the store's business, so whoever cannot wait may always go on alone.
 *
 * <pre>{@code
 * find, miss -> ask -> Held:      fetch, fill, commit, release
 *                      Elsewhere: when over, find again; if there is still nothing, go on alone if the other is
 *                                 done, else ask again
 * }</pre>
 */
public interface FillLeases {
    /** Where there is only one node: everyone goes on alone. */
    FillLeases ALONE = (key, variant) -> CompletableFuture.completedFuture(new Held(() -> {}));

    /**
     * Asks to be the one that fills a variant of {@code key}. The stage never fails; where nobody can be asked, one holds
     * it.
     *
     * @param variant {@link io.cachingproxy.key.Selection#variant}, where a response to the key is known; else empty
     */
    CompletionStage<Lease> ask(CacheKey key, String variant);

    /** The answer. */
    sealed interface Lease {}

    /**
     * This node fetches.
     *
     * @param release to be run when the response was stored, or will not be: wakes those who wait. A lease that is not
     *     released is renewed for a minute; that of a node that died ends within 2 s.
     */
    record Held(Runnable release) implements Lease {}

    /**
     * Another node fetches.
     *
     * @param over ends with true when it stored or released, with false when its lease may have run out, after 2 s at
     *     most; never fails
     */
    record Elsewhere(CompletionStage<Boolean> over) implements Lease {}
}
