package io.cachingproxy.cli.metrics;

import io.cachingproxy.CacheListener;

/** Whether the shared store is available. */
final class StoreAvailability implements CacheListener {
    private volatile boolean available = true;

    boolean isAvailable() {
        return available;
    }

    @Override
    public boolean observesHits() {
        return false;
    }

    @Override
    public void onStoreFailed() {
        available = false;
    }

    @Override
    public void onStoreRecovered() {
        available = true;
    }
}
