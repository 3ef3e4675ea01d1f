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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * This node's copies of entries in Redis. They are trusted while something is heard over the channel of changes, and
 * each for a limited time: then Redis is asked again. Untrusted copies still answer where Redis does not.
 *
 * <p>A channel that was silent may have lost messages, so all copies are dropped when it is heard again.
 */
public final class NearCache {
    /** No copy is longer than this part of all memory for copies. */
    private static final int SHARE = 16;

    private final MemoryStore store;
    private final PendingCommits pending = new PendingCommits();
    private final long confirmNanos;
    private final long silenceNanos;
    private final BooleanSupplier alone;
    private volatile long heardAt;
    private volatile boolean heard;

    /**
     * A near cache.
     *
     * @param alone whether Redis takes no new responses, so that those of this node are here only
     */
    public NearCache(MemoryStore store, Duration confirm, Duration silence, BooleanSupplier alone) {
        this.alone = alone;
        this.store = store;
        this.confirmNanos = confirm.toNanos();
        this.silenceNanos = silence.toNanos();
    }

    /** The copies, and what was stored while Redis was away; of bodies apart perhaps not all is here. */
    public MemoryStore store() {
        return store;
    }

    /** What this node has committed, and Redis has not yet taken or refused. */
    public PendingCommits pending() {
        return pending;
    }

    /** What is kept under {@code key}, if it can be trusted to be what Redis has or will have; else null. */
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

    /** What of {@code key} is kept from head to end, trusted or not. */
    private CompletionStage<List<StoredResponse>> whole(CacheKey key) {
        return store.find(key)
                .thenApply(found -> found.stream().filter(NearCache::isHere).toList());
    }

    /**
     * What is stored under {@code key}: a copy that can be trusted; else what Redis has, of which a copy is kept; else
     * what is whole here.
     *
     * <p>The mark comes first of all. What is removed or purged after it does not leave a copy that bears it, and what was
     * removed or purged before it is known to {@code askable} and {@code redis}.
     *
     * @param askable whether Redis may be asked for it
     * @param redis what Redis has, less what was purged as far as this node knows
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

    /** What Redis did not take: it is newer than what Redis has. */
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
     * Keeps copies of what Redis has under {@code key}, unless a body is too long for that. A body apart takes its room
     * from now on, and its windows are kept as they are read.
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
     * Keeps a copy that nobody has read in Redis, in place of those that were.
     *
     * @param left what removals and purges leave of it, asked after those that come later hold for the copy; null for
     *     nothing
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

    /** The longest body of which a copy is kept. */
    public long longest() {
        return Math.min(store.maxObjectBytes(), store.maxBytes() / SHARE);
    }

    /** An earlier reading of the same body. */
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

    /** Something came over the channel. Not while it is being distrusted: that would be forgotten. */
    public synchronized void heard() {
        if (!isTrusted()) {
            dropAll();
        }
        heardAt = System.nanoTime();
        heard = true;
    }

    /** The channel was interrupted. */
    public synchronized void distrust() {
        heard = false;
    }

    /** How long nothing was heard; the longest duration there is, if nothing ever was. */
    public Duration silence() {
        return heard ? Duration.ofNanos(System.nanoTime() - heardAt) : Duration.ofNanos(Long.MAX_VALUE);
    }

    /** A store in memory has done its work when it returns. */
    private static void discard(CompletionStage<?> done) {
        assert ((CompletableFuture<?>) done).isDone();
    }
}
