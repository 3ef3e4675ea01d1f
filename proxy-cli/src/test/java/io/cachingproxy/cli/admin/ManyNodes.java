package io.cachingproxy.cli.admin;

import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.ForwardingStore;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** A store that is shared with nodes which confirm a purge or do not. */
final class ManyNodes extends ForwardingStore {
    volatile Predicate<Purge> confirmed = purge -> true;

    ManyNodes(CacheStore here) {
        super(here);
    }

    @Override
    public CompletionStage<Confirmation> purge(Purge purge) {
        return super.purge(purge)
                .thenApply(done -> confirmed.test(purge) ? Confirmation.CONFIRMED : Confirmation.PENDING);
    }
}
