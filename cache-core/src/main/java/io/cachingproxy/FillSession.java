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
 * The storing of one response: bytes go from its {@link Flight} to a {@link Fill} of the store. The fill ends exactly
 * once, with {@link #commit}, {@link #freshen} or {@link #close}; later calls have no effect. An exception from the
 * store counts as a refusal.
 *
 * <p>Thread-safe, because a timeout may close the session while a body is written. Lock order: flight, session.
 */
final class FillSession implements AutoCloseable {
    /** Responses with more field lines, or with too many characters in them, are not stored. */
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

    /** Begins the fill. Removals of {@code key} after this moment apply to the response. */
    synchronized void open(CacheKey key) {
        fill = ended ? null : cache.guarded().fill(key);
    }

    /** See {@link Fill#isCurrent}. Valid until the response is visible in the store, also after {@link #commit}. */
    boolean isCurrent() {
        Fill filled = fill;
        return filled == null || filled.isCurrent();
    }

    /** Starts keeping the body to be stored; false if it is too long or the store cannot store it. */
    boolean keep(ResponseHead response) {
        if (fill == null || request.isTooLong(response, cache.maxObjectBytes())) {
            return false;
        }
        Long length = response.headers().contentLength();
        long max = request.longestBody(response, cache.maxObjectBytes());
        flight.keep(length == null ? -1 : length, max, this::write);
        return true;
    }

    private synchronized boolean write(ByteBuffer piece) {
        Fill filled = fill;
        try {
            return filled != null && !ended && filled.write(piece);
        } catch (RuntimeException broken) {
            cache.guarded().failed(broken);
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
            cache.guarded().failed(broken);
            return CompletableFuture.completedFuture(false);
        }
    }

    /** Replaces {@code stored} with {@code freshened}; false if the store cannot. */
    boolean freshen(StoredResponse stored, StoredResponse freshened) {
        Fill ending = end();
        if (ending == null) {
            return false;
        }
        try {
            ending.freshen(stored, freshened);
            return true;
        } catch (RuntimeException broken) {
            cache.guarded().failed(broken);
            return false;
        }
    }

    /** Returns true if the head, with the fields of 304 responses, exceeds the limits of a stored head. */
    static boolean isTooLarge(StoredResponse merged) {
        Headers headers = merged.head().headers();
        return headers.size() > MAX_FIELDS || headers.length() > MAX_HEAD;
    }

    /** Discards the fill: nothing is stored. */
    @Override
    public synchronized void close() {
        Fill ending = end();
        if (ending == null) {
            return;
        }
        try {
            ending.discard();
        } catch (RuntimeException broken) {
            cache.guarded().failed(broken);
        }
    }

    /** Ends the session and returns its fill; null if there is none, or if it has ended before. */
    private synchronized @Nullable Fill end() {
        Fill ending = ended ? null : fill;
        ended = true;
        return ending;
    }
}
