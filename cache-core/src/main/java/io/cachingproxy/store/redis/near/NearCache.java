package io.cachingproxy.store.redis.near;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.bodies.WindowedBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Near copies: this node's copies of entries in Redis. They are trusted while messages arrive on the channel of
 * changes, and each only for a limited time, after which Redis is asked again. Untrusted copies are still served if
 * Redis does not answer.
 *
 * <p>A channel that was silent may have lost messages, so all copies are dropped when the next message arrives.
 */
public final class NearCache {
    /** A copy is at most 1/{@value} of the memory for copies. */
    private static final int SHARE = 16;

    private final MemoryStore store;
    private final PendingCommits pending = new PendingCommits();
    private final long confirmNanos;
    private final long silenceNanos;
    private final BooleanSupplier alone;
    private volatile long heardAt;
    private volatile boolean heard;

    /**
     * Creates a near cache.
     *
     * @param alone whether Redis accepts no new responses, so that the responses of this node are stored here only
     */
    public NearCache(MemoryStore store, Duration confirm, Duration silence, BooleanSupplier alone) {
        this.alone = alone;
        this.store = store;
        this.confirmNanos = confirm.toNanos();
        this.silenceNanos = silence.toNanos();
    }

    /** The copies, and the responses stored during outages; windowed bodies may be incomplete. */
    public MemoryStore store() {
        return store;
    }

    /** Responses committed by this node that Redis has not yet accepted or refused. */
    public PendingCommits pending() {
        return pending;
    }

    /** The copies of {@code key} if they are trusted to equal the current or next state of Redis; else null. */
    @Nullable
    public List<StoredResponse> trusted(CacheKey key) {
        return trusted(key, pending.of(key));
    }

    private @Nullable List<StoredResponse> trusted(CacheKey key, List<PendingCommits.Pending> commits) {
        if (!isTrusted()) {
            return null;
        }
        List<StoredResponse> responses = store.findHere(key);
        return !responses.isEmpty() && isConfirmed(responses) ? PendingCommits.over(commits, responses) : null;
    }

    private boolean isConfirmed(List<StoredResponse> responses) {
        return responses.get(0).body() instanceof SharedBody body
                && System.nanoTime() - body.readAt() < confirmNanos
                && responses.stream().allMatch(NearCache::isHere);
    }

    private static boolean isHere(StoredResponse response) {
        return response.body().isHere();
    }

    /** The copies of {@code key} with complete bodies, trusted or not. */
    private CompletionStage<List<StoredResponse>> whole(CacheKey key) {
        return store.find(key)
                .thenApply(found -> found.stream().filter(NearCache::isHere).toList());
    }

    /**
     * Finds the responses stored under {@code key}: trusted near copies; else those in Redis, which become near copies;
     * else the complete copies here.
     *
     * <p>The mark is taken first. A copy with this mark is dropped by later removals and purges, and earlier ones are
     * known to {@code askable} and {@code redis}.
     *
     * @param askable whether Redis may be asked for it
     * @param redis reads the responses from Redis, without those purged as far as this node knows
     */
    public CompletionStage<List<StoredResponse>> find(
            CacheKey key, BooleanSupplier askable, Supplier<? extends CompletionStage<List<StoredResponse>>> redis) {
        List<PendingCommits.Pending> commits = pending.of(key);
        List<StoredResponse> copies = trusted(key, commits);
        if (copies != null) {
            return CompletableFuture.completedFuture(copies);
        }
        long mark = store.mark();
        return askable.getAsBoolean()
                ? redis.get()
                        .thenApply(responses -> {
                            List<StoredResponse> own = own(key);
                            return own.isEmpty() ? keep(key, responses, mark) : joined(own, responses);
                        })
                        .thenApply(found -> isTrusted() ? PendingCommits.over(commits, found) : found)
                        .exceptionallyComposeAsync(failure -> whole(key, commits))
                : whole(key, commits);
    }

    private CompletionStage<List<StoredResponse>> whole(CacheKey key, List<PendingCommits.Pending> commits) {
        return whole(key).thenApply(found -> PendingCommits.over(commits, found));
    }

    /** Responses that Redis did not accept, which are newer than those in Redis. */
    private List<StoredResponse> own(CacheKey key) {
        return alone.getAsBoolean() && isTrusted()
                ? store.findHere(key).stream()
                        .filter(response -> !(response.body() instanceof SharedBody))
                        .toList()
                : List.of();
    }

    private static List<StoredResponse> joined(List<StoredResponse> newer, List<StoredResponse> older) {
        return Stream.concat(newer.stream(), older.stream()).toList();
    }

    /**
     * Keeps near copies of the responses in Redis under {@code key}, unless a body is too long. The memory of a
     * windowed body is reserved at once, and its windows are kept as they are read.
     *
     * @return the responses to read from
     */
    private List<StoredResponse> keep(CacheKey key, List<StoredResponse> responses, long mark) {
        if (!isTrusted() || !responses.stream().allMatch(this::isWorthKeeping)) {
            return responses;
        }
        List<StoredResponse> before = store.find(key).toCompletableFuture().join();
        List<StoredResponse> kept = new ArrayList<>();
        List<StoredResponse> lent = new ArrayList<>();
        for (StoredResponse response : responses) {
            if (response.body() instanceof WindowedBody apart) {
                WindowedBody keeping = apart.keeping(earlier(apart, before));
                kept.add(response.withBody(keeping));
                lent.add(response.withBody(keeping.lent()));
            } else {
                kept.add(response);
                lent.add(response);
            }
        }
        store.keep(key, kept, mark);
        return lent;
    }

    /**
     * Keeps a copy of a response that was not read from Redis, in place of earlier copies.
     *
     * @param left applies removals and purges to it; called when later ones already apply to the copy; null if it was
     *     removed
     * @return whether it is kept
     */
    public boolean put(CacheKey key, StoredResponse response, UnaryOperator<@Nullable StoredResponse> left) {
        long mark = store.mark();
        StoredResponse standing = left.apply(response);
        if (standing == null) {
            return false;
        }
        store.keep(key, List.of(standing), mark);
        return store.findHere(key).stream().anyMatch(kept -> kept.body() == standing.body());
    }

    private boolean isWorthKeeping(StoredResponse response) {
        return response.body().length() <= longest();
    }

    /** The longest body of a near copy, in bytes. */
    public long longest() {
        return Math.min(store.maxObjectBytes(), store.maxBytes() / SHARE);
    }

    /** The earlier copy of the same body. */
    private static @Nullable WindowedBody earlier(WindowedBody body, List<StoredResponse> before) {
        for (StoredResponse response : before) {
            if (response.body() instanceof WindowedBody earlier && earlier.id().equals(body.id())) {
                return earlier;
            }
        }
        return null;
    }

    public void drop(CacheKey key) {
        discard(store.invalidate(key));
    }

    public void purge(Purge purge) {
        discard(store.purge(purge));
    }

    public void dropAll() {
        discard(store.clear());
    }

    public boolean isTrusted() {
        return heard && System.nanoTime() - heardAt < silenceNanos;
    }

    /** Records a message on the channel. Synchronized, so that a concurrent {@link #distrust} is not lost. */
    public synchronized void heard() {
        if (!isTrusted()) {
            dropAll();
        }
        heardAt = System.nanoTime();
        heard = true;
    }

    /** Records an interruption of the channel. */
    public synchronized void distrust() {
        heard = false;
    }

    /** How long the channel has been silent; the longest possible duration if no message ever arrived. */
    public Duration silence() {
        return heard ? Duration.ofNanos(System.nanoTime() - heardAt) : Duration.ofNanos(Long.MAX_VALUE);
    }

    /** The time since the last message on the channel; empty if none has arrived since the last interruption. */
    public Optional<Duration> heardSince() {
        return heard ? Optional.of(Duration.ofNanos(System.nanoTime() - heardAt)) : Optional.empty();
    }

    /** Ignores a completed stage: an in-memory store is done on return. */
    private static void discard(CompletionStage<?> done) {
        assert ((CompletableFuture<?>) done).isDone();
    }
}
