package io.cachingproxy.example;

import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.ForwardingStore;

/** Stands for a store of one's own. */
final class MyStore extends ForwardingStore {
    MyStore(long longestBody) {
        super(new MemoryStore(8 * longestBody, longestBody));
    }
}
