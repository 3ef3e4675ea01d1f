package io.cachingproxy.store;

import io.cachingproxy.key.CacheKey;

/** Is told what a store does on its own. Each method does nothing by default, and must not block. */
public interface StoreListener {
    /**
     * A stored response was dropped to keep within the bounds of the memory.
     *
     * @param bytes what it took
     */
    default void onEvicted(CacheKey key, long bytes) {}

    /** A shared store cannot be used any more: responses are kept in this process only. */
    default void onStoreFailed() {}

    /** A shared store can be used again. */
    default void onStoreRecovered() {}
}
