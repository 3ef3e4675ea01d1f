package io.cachingproxy;

import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.Purge;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store as requests use it: a lookup that fails or takes too long finds nothing, and a fill that fails stores
 * nothing. The first failure is logged.
 */
final class GuardedStore {
    private static final Logger LOG = LoggerFactory.getLogger(HttpCache.class);
    private static final Equivalents.Found NOTHING = new Equivalents.Found(List.of(), List.of());

    private final CacheStore store;
    private final Equivalents equivalents;
    private final AtomicBoolean warned = new AtomicBoolean();

    GuardedStore(CacheStore store, Equivalents equivalents) {
        this.store = store;
        this.equivalents = equivalents;
    }

    /** The time that a request may wait for the store, from now on. */
    StoreTime time() {
        return new StoreTime(store.deadline());
    }

    /** The stored responses of a key, and those of equivalent URLs. */
    CompletionStage<Equivalents.Found> findEquivalent(CacheKey key, StoreTime time) {
        return time.bound(attempt(() -> equivalents.find(key)), NOTHING);
    }

    /** The stored responses of a key. */
    CompletionStage<List<StoredResponse>> find(CacheKey key, StoreTime time) {
        return time.bound(attempt(() -> store.find(key)), List.of());
    }

    /** Makes all stored responses stale. */
    void expireAll(Instant now) {
        attempt(() -> store.purge(Purge.soft(new Purge.Scope.All(), now)));
    }

    /** Runs a store operation; an exception becomes a failed stage. */
    private <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> operation) {
        try {
            return operation.get();
        } catch (RuntimeException broken) {
            failed(broken);
            return CompletableFuture.failedFuture(broken);
        }
    }

    /** Begins to store a response; null if the store cannot. */
    @Nullable
    Fill fill(CacheKey key) {
        try {
            return store.fill(key);
        } catch (RuntimeException broken) {
            failed(broken);
            return null;
        }
    }

    /** Updates the index of equivalent URLs from a response that is being stored. */
    void learn(CacheKey key, ResponseHead response) {
        try {
            equivalents.learn(key, response);
        } catch (RuntimeException broken) {
            failed(broken);
        }
    }

    /** Logs a failure of the store, the first time only. */
    void failed(RuntimeException broken) {
        if (warned.compareAndSet(false, true)) {
            LOG.warn("The store fails, requests are forwarded: {}", broken.toString());
        }
        LOG.debug("The store failed", broken);
    }
}
