package io.cachingproxy.store;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.parts.Bans;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store of responses by cache key, with several variants for each key.
 *
 * <p>The contract, which one test verifies for every store:
 *
 * <ul>
 *   <li><b>Invisible until committed.</b> A response is found only after {@link Fill#commit}, and then completely. A
 *       fill that is discarded or refused leaves no trace.
 *   <li><b>Removal is final.</b> A fill begun before {@link #invalidate}, {@link #clear} or a hard {@link #purge}
 *       cannot bring back a removed response, however late it commits: its commit is refused. Likewise, a fill begun
 *       before a soft purge cannot make a response fresh that the purge made stale.
 *   <li><b>One response for each selection.</b> A commit replaces the stored response with an equal {@code Selection};
 *       responses with other selections are kept, newest first, up to a bound.
 *   <li><b>A body once found stays readable</b>, also after it was replaced or removed; reading may fail with an
 *       IOException, but never yields other bytes.
 *   <li><b>No blocking and no failures.</b> No method blocks, and no stage fails: a store that is unreachable finds
 *       nothing, stores nothing and logs it. An in-memory store returns completed stages.
 *   <li><b>Bounded.</b> A store may evict anything at any time to stay within its bounds.
 * </ul>
 */
public interface CacheStore extends AutoCloseable {
    /** Finds the responses stored under {@code key}, fresh or stale, newest first; empty if there are none. */
    CompletionStage<List<StoredResponse>> find(CacheKey key);

    /**
     * Finds the responses stored under {@code key} without I/O: for the fast path.
     *
     * @return null if the answer needs I/O, such as a request to a remote store
     */
    default @Nullable List<StoredResponse> findHere(CacheKey key) {
        return null;
    }

    /**
     * Begins to store a response. Call it before the request is forwarded, because removals after this call apply to
     * the fill.
     */
    Fill fill(CacheKey key);

    /** Removes all responses stored under {@code key} (RFC 9111 §4.4). */
    CompletionStage<Void> invalidate(CacheKey key);

    /**
     * Removes the responses in the scope of {@code purge}, or makes them stale. The cost does not depend on the number
     * of stored responses.
     *
     * @return whether this purge is applied by all processes that share the store, or only in this process so far
     */
    CompletionStage<Confirmation> purge(Purge purge);

    /** Removes all responses that this cache stored, and nothing else. */
    CompletionStage<Void> clear();

    /** Sets the listener for the events of the store; a store may have no events. */
    default void listen(StoreListener listener) {}

    /** The memory of this process for bodies in flight and in the store. */
    BodyMemory memory();

    /** The number of keys with responses in the memory of this process; -1 if it is unknown. */
    default long keys() {
        return -1;
    }

    /**
     * The responses in the memory of this process, in no particular order: for operators. Weakly consistent with
     * changes during the iteration, without purged responses, and not counted as uses. Empty if {@link #keys} is
     * unknown.
     */
    default Stream<StoredEntry> entries() {
        return Stream.empty();
    }

    /**
     * The number of responses in the memory of this process that a purge of these scopes, at most 5,000, would remove.
     * Visits every entry. Empty if {@link #keys} is unknown.
     */
    default OptionalLong count(Collection<Purge.Scope> scopes) {
        if (keys() < 0) {
            return OptionalLong.empty();
        }
        Bans bans = new Bans();
        scopes.forEach(scope -> bans.add(Purge.hard(scope), 1));
        return OptionalLong.of(entries()
                .flatMap(entry ->
                        entry.responses().stream().filter(response -> bans.apply(entry.key(), response, 0) == null))
                .count());
    }

    /** The bytes of memory that stored responses take in this process; -1 if they are unknown. */
    default long bytes() {
        return -1;
    }

    /**
     * The longest time a request waits for this store, for all of its operations together and to the last byte of the
     * response; then the request continues as if the store were empty. 50 ms by default. Irrelevant for a store whose
     * stages are completed.
     */
    default Duration deadline() {
        return Duration.ofMillis(50);
    }

    /** Releases the resources of the store. Fills in progress are discarded. */
    @Override
    void close();
}
