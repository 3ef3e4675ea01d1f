package io.cachingproxy.store;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Keeps stored responses by their key, several to a key where they vary.
 *
 * <p>The contract, which one test holds for every store:
 *
 * <ul>
 *   <li><b>Invisible until committed.</b> What a {@link Fill} was given is found only after {@link Fill#commit}, and
 *       then all of it. A fill that is discarded, or refused, leaves no trace.
 *   <li><b>Removal is final.</b> A fill begun before {@link #invalidate}, {@link #clear} or a hard {@link #purge} cannot
 *       bring back what they removed, however late it commits: its commit is refused. Nor can one begun before a soft
 *       purge make fresh what that made stale.
 *   <li><b>One response to a selection.</b> A commit replaces the stored response with an equal {@code Selection}; with
 *       another one it is kept beside it, newest first, up to a bound.
 *   <li><b>A body once found stays readable</b> by those who have it, also after it was replaced or removed; or breaks
 *       off with an IOException, but never yields other bytes.
 *   <li><b>Never in the way.</b> No method blocks, and no stage fails: a store that cannot be reached finds nothing,
 *       stores nothing and says so in its log. A store in memory returns completed stages.
 *   <li><b>Bounded.</b> A store may drop anything at any time to keep within its bounds.
 * </ul>
 */
public interface CacheStore extends AutoCloseable {
    /** What is stored under {@code key}, fresh or stale, newest first; empty if there is nothing. */
    CompletionStage<List<StoredResponse>> find(CacheKey key);

    /**
     * The same, as far as this process knows it without asking anyone: for those who only take what is at hand.
     *
     * @return null if others have to be asked
     */
    default @Nullable List<StoredResponse> findHere(CacheKey key) {
        return null;
    }

    /** Begins to store a response; to be called before the request is forwarded, since from here on removals count. */
    Fill fill(CacheKey key);

    /** Removes everything stored under {@code key} (RFC 9111 §4.4). */
    CompletionStage<Void> invalidate(CacheKey key);

    /**
     * Removes what {@code purge} means, or makes it stale, at the same cost however much is stored.
     *
     * @return whether this very purge holds for all who share the store, or only in this process so far
     */
    CompletionStage<Confirmation> purge(Purge purge);

    /** Removes everything that this cache stored, and nothing else. */
    CompletionStage<Void> clear();

    /** Has {@code listener} told of what the store does on its own; a store may have nothing to tell. */
    default void listen(StoreListener listener) {}

    /** The memory of this process that bodies are put into, on their way to the store and in it. */
    BodyMemory memory();

    /**
     * How long a request waits for this store, for all of its operations together and to the last byte of the response;
     * then it goes on as if nothing were stored. 50 ms by default. Nobody waits for a store whose stages are completed.
     */
    default Duration deadline() {
        return Duration.ofMillis(50);
    }

    /** Gives back what the store holds open. Fills under way are discarded. */
    @Override
    void close();
}
