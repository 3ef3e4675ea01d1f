package io.cachingproxy.testkit;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.BodyMemory;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.StoredEntry;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** A store that does what another one does, for tests that change some of it. Each lookup goes through {@link #find}. */
public class ForwardingStore implements CacheStore {
    private final CacheStore store;

    public ForwardingStore(CacheStore store) {
        this.store = store;
    }

    @Override
    public CompletionStage<List<StoredResponse>> find(CacheKey key) {
        return store.find(key);
    }

    @Override
    public Fill fill(CacheKey key) {
        return store.fill(key);
    }

    @Override
    public CompletionStage<Void> invalidate(CacheKey key) {
        return store.invalidate(key);
    }

    @Override
    public CompletionStage<Confirmation> purge(Purge purge) {
        return store.purge(purge);
    }

    @Override
    public CompletionStage<Void> clear() {
        return store.clear();
    }

    @Override
    public BodyMemory memory() {
        return store.memory();
    }

    @Override
    public long keys() {
        return store.keys();
    }

    @Override
    public Stream<StoredEntry> entries() {
        return store.entries();
    }

    @Override
    public long bytes() {
        return store.bytes();
    }

    @Override
    public void close() {
        store.close();
    }

    /** A fill that does what another one does. */
    public static class ForwardingFill implements Fill {
        private final Fill fill;

        public ForwardingFill(Fill fill) {
            this.fill = fill;
        }

        @Override
        public boolean write(ByteBuffer bytes) {
            return fill.write(bytes);
        }

        @Override
        public CompletionStage<Boolean> commit(StoredResponse response) {
            return fill.commit(response);
        }

        @Override
        public CompletionStage<Void> freshen(StoredResponse stored, StoredResponse freshened) {
            return fill.freshen(stored, freshened);
        }

        @Override
        public boolean isCurrent() {
            return fill.isCurrent();
        }

        @Override
        public void discard() {
            fill.discard();
        }
    }
}
