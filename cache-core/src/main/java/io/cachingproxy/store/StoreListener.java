package io.cachingproxy.store;

import io.cachingproxy.key.CacheKey;

/** Receives the events of a store. All methods do nothing by default, and must not block. */
public interface StoreListener {
    /**
     * A stored response was evicted to stay within the memory bounds.
     *
     * @param bytes the memory freed
     */
    default void onEvicted(CacheKey key, long bytes) {}

    /** A shared store has become unavailable: responses are stored in this process only. */
    default void onStoreFailed() {}

    /** A shared store is available again. */
    default void onStoreRecovered() {}
}
