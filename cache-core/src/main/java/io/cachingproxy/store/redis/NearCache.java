package io.cachingproxy.store.redis;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * This node's copies of entries in Redis. They are trusted while something is heard over the channel of changes, and
 * each for a limited time: then Redis is asked again. Untrusted copies still answer where Redis does not.
 *
 * <p>A channel that was silent may have lost messages, so all copies are dropped when it is heard again.
 */
final class NearCache {
    private final MemoryStore store;
    private final long confirmNanos;
    private final long silenceNanos;
    private volatile long heardAt;
    private volatile boolean heard;

    NearCache(MemoryStore store, Duration confirm, Duration silence) {
        this.store = store;
        this.confirmNanos = confirm.toNanos();
        this.silenceNanos = silence.toNanos();
    }

    MemoryStore store() {
        return store;
    }

    /** What is kept under {@code key}, if it can be trusted to be what Redis has; else null. */
    @Nullable
    CompletionStage<List<StoredResponse>> trusted(CacheKey key) {
        if (!isTrusted()) {
            return null;
        }
        CompletionStage<List<StoredResponse>> found = store.find(key);
        List<StoredResponse> responses = found.toCompletableFuture().join();
        return !responses.isEmpty() && isConfirmed(responses.get(0)) ? found : null;
    }

    private boolean isConfirmed(StoredResponse response) {
        return response.body() instanceof HeldBody held && System.nanoTime() - held.readAt() < confirmNanos;
    }

    /** Taken before Redis is asked, for {@link #keep}. */
    long mark() {
        return store.mark();
    }

    void keep(CacheKey key, List<StoredResponse> responses, long mark) {
        if (isTrusted() && responses.stream().allMatch(response -> response.body() instanceof HeldBody)) {
            store.keep(key, responses, mark);
        }
    }

    void drop(CacheKey key) {
        discard(store.invalidate(key));
    }

    void purge(Purge purge) {
        discard(store.purge(purge));
    }

    void dropAll() {
        discard(store.clear());
    }

    boolean isTrusted() {
        return heard && System.nanoTime() - heardAt < silenceNanos;
    }

    /** Something came over the channel. */
    void heard() {
        if (!isTrusted()) {
            dropAll();
        }
        heardAt = System.nanoTime();
        heard = true;
    }

    /** The channel was interrupted. */
    void distrust() {
        heard = false;
    }

    /** How long nothing was heard; the longest duration there is, if nothing ever was. */
    Duration silence() {
        return heard ? Duration.ofNanos(System.nanoTime() - heardAt) : Duration.ofNanos(Long.MAX_VALUE);
    }

    /** A store in memory has done its work when it returns. */
    private static void discard(CompletionStage<Void> done) {
        assert ((CompletableFuture<Void>) done).isDone();
    }
}
