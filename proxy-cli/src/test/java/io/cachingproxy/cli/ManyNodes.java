package io.cachingproxy.cli;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.Purge;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** A store that is shared with nodes which confirm a purge or do not. */
final class ManyNodes implements CacheStore {
    private final CacheStore here;
    volatile Predicate<Purge> confirmed = purge -> true;

    ManyNodes(CacheStore here) {
        this.here = here;
    }

    @Override
    public CompletionStage<List<StoredResponse>> find(CacheKey key) {
        return here.find(key);
    }

    @Override
    public Fill fill(CacheKey key) {
        return here.fill(key);
    }

    @Override
    public CompletionStage<Void> invalidate(CacheKey key) {
        return here.invalidate(key);
    }

    @Override
    public CompletionStage<Confirmation> purge(Purge purge) {
        return here.purge(purge)
                .thenApply(done -> confirmed.test(purge) ? Confirmation.CONFIRMED : Confirmation.PENDING);
    }

    @Override
    public CompletionStage<Void> clear() {
        return here.clear();
    }

    @Override
    public void close() {
        here.close();
    }
}
