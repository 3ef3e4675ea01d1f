package io.cachingproxy;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.parts.MemoryBody;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The storing of one response: bytes go from its {@link Flight} to a {@link Fill} of the store. The fill ends exactly once,
 * with {@link #commit}, {@link #freshen} or {@link #close}; what comes later has no effect. A store that throws is a store
 * that refuses.
 *
 * <p>Thread-safe, because a timeout may close the session while a body is written. Locks are taken in the order flight,
 * session.
 */
final class FillSession implements AutoCloseable {
    /** More field lines, or more characters of them, are not stored under one response. */
    private static final int MAX_FIELDS = 256;

    private static final int MAX_HEAD = 128 * 1024;

    private final HttpCache cache;
    private final CacheRequest request;
    private final Flight flight;
    private volatile @Nullable Fill fill;
    private boolean ended;

    FillSession(HttpCache cache, CacheRequest request, Flight flight) {
        this.cache = cache;
        this.request = request;
        this.flight = flight;
    }

    /** Begins the fill. Removals of {@code key} after this moment hold for what is stored. */
    synchronized void open(CacheKey key) {
        fill = ended ? null : cache.fill(key);
    }

    /** See {@link Fill#isCurrent}; it holds until the response is visible in the store, also after {@link #commit}. */
    boolean isCurrent() {
        Fill filled = fill;
        return filled == null || filled.isCurrent();
    }

    /** Keeps the body that follows, to be stored; false if it is too long, or if there is no store to take it. */
    boolean keep(ResponseHead response) {
        long max = Math.min(cache.maxObjectBytes(), request.response(response).maxObjectBytes());
        Long length = response.headers().contentLength();
        if (fill == null || (length != null && length > max)) {
            return false;
        }
        flight.keep(length == null ? -1 : length, max, this::write);
        return true;
    }

    private synchronized boolean write(ByteBuffer piece) {
        Fill filled = fill;
        try {
            return filled != null && !ended && filled.write(piece);
        } catch (RuntimeException broken) {
            cache.storeFailed(broken);
            return false;
        }
    }

    /**
     * Stores {@code response} with the body that was kept.
     *
     * @return whether it was stored
     */
    CompletionStage<Boolean> commit(StoredResponse response) {
        MemoryBody body = flight.complete();
        Fill ending = body == null ? null : end();
        if (body == null || ending == null) {
            close();
            return CompletableFuture.completedFuture(false);
        }
        try {
            return ending.commit(response.withBody(body));
        } catch (RuntimeException broken) {
            cache.storeFailed(broken);
            return CompletableFuture.completedFuture(false);
        }
    }

    /** Replaces {@code stored} by {@code freshened}; false if the store cannot. */
    boolean freshen(StoredResponse stored, StoredResponse freshened) {
        Fill ending = end();
        if (ending == null) {
            return false;
        }
        try {
            ending.freshen(stored, freshened);
            return true;
        } catch (RuntimeException broken) {
            cache.storeFailed(broken);
            return false;
        }
    }

    /** Whether one 304 after another has made the head grow beyond what any origin may send at once. */
    static boolean isTooLarge(StoredResponse merged) {
        Headers headers = merged.head().headers();
        return headers.size() > MAX_FIELDS || headers.length() > MAX_HEAD;
    }

    /** Stores nothing. */
    @Override
    public synchronized void close() {
        Fill ending = end();
        if (ending == null) {
            return;
        }
        try {
            ending.discard();
        } catch (RuntimeException broken) {
            cache.storeFailed(broken);
        }
    }

    /** The fill for whoever ends it; null if there is none, or if it was ended before. */
    private synchronized @Nullable Fill end() {
        Fill ending = ended ? null : fill;
        ended = true;
        return ending;
    }
}
