package io.cachingproxy.store.redis;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The steps that store a response. None fails: each tells whether it was done. */
final class EntryWriter {
    /** The same as in memory. */
    private static final int MAX_VARIANTS = 64;

    /** How long a fill may make no progress; how long a replaced body is left to its readers. */
    private static final Duration IDLE_FILL = Duration.ofMinutes(2);

    static final Duration LINGER = Duration.ofMinutes(1);

    private final RedisLink link;
    private final Control control;
    private final Capacity capacity;
    private final KeyNames names;
    private final NearCache near;
    private final Stamps stamps;
    private final KnownPurges purges;
    private final OwedRemovals owed;
    private final InstantSource clock;
    private final String node;
    private final Duration patience;

    EntryWriter(
            RedisLink link,
            Control control,
            Capacity capacity,
            KeyNames names,
            NearCache near,
            Stamps stamps,
            KnownPurges purges,
            OwedRemovals owed,
            InstantSource clock,
            String node,
            Duration patience) {
        this.link = link;
        this.control = control;
        this.capacity = capacity;
        this.names = names;
        this.near = near;
        this.stamps = stamps;
        this.purges = purges;
        this.owed = owed;
        this.clock = clock;
        this.node = node;
        this.patience = patience;
    }

    /** What became of a step, the worst last. */
    enum Written {
        DONE,
        /** Redis did not answer, or could not do it. */
        FAILED,
        /** Redis answered that the entry was removed, or that the fill is not registered any more. */
        REFUSED;

        Written and(Written other) {
            return compareTo(other) < 0 ? other : this;
        }
    }

    /** Registers a fill, unless something that the node does not know of was removed. */
    CompletableFuture<Written> begin(CacheKey key, String id, long stamp) {
        return written(
                refusable(key, () -> link.number(Script.BEGIN, entryAndFills(key), id, stamp, IDLE_FILL.toMillis())));
    }

    /**
     * Asked after the registration: a clearing later than this finds the registration and removes it, and what is stored
     * under a stamp before a clearing nobody reads.
     */
    private CompletableFuture<Written> notClearedSince(long stamp) {
        return link.call(patience, () -> control.bytes(Script.PULSE, "")).handle((answer, failure) -> {
            if (failure != null) {
                return Written.FAILED;
            }
            long cleared = Stamps.Last.parse(answer).cleared();
            if (stamps.heardCleared(cleared)) {
                near.dropAll();
            }
            return cleared <= stamp ? Written.DONE : Written.REFUSED;
        });
    }

    CompletableFuture<Written> write(CacheKey key, String id, long offset, byte[] window) {
        return written(judged(
                key,
                link.transfer(
                        names.entry(key),
                        patience,
                        () -> link.number(Script.WRITE, keys(key, id), id, offset, window, IDLE_FILL.toMillis()))));
    }

    /** Calls what a full Redis refuses. */
    private CompletableFuture<Long> refusable(CacheKey key, Supplier<CompletionStage<Long>> operation) {
        return judged(key, link.call(names.entry(key), patience, operation));
    }

    private CompletableFuture<Long> judged(CacheKey key, CompletableFuture<Long> answer) {
        return answer.whenComplete((done, failure) -> capacity.judge(names.fills(key), failure));
    }

    /** What removals and purges since a fill began leave of its response, as far as this node knows; null for nothing. */
    @Nullable
    StoredResponse left(CacheKey key, StoredResponse response, RedisFill.Start start) {
        return stamps.cleared() > start.stamp() || owed.number(key) != start.removals()
                ? null
                : purges.apply(key, response, start.stamp());
    }

    /** Makes the response visible, unless it was removed or purged since its fill began. */
    CompletableFuture<Written> commit(CacheKey key, StoredResponse response, SharedBody body) {
        if (body.stamp() < stamps.cleared() || purges.apply(key, response, body.stamp()) == null) {
            discard(key, body.id());
            return CompletableFuture.completedFuture(Written.REFUSED);
        }
        byte[] message = new Change.Stored(node, key).bytes();
        return written(refusable(
                        key,
                        () -> link.number(
                                Script.COMMIT,
                                keys(key, body.id()),
                                body.id(),
                                EntryCodec.digest(response.selection()),
                                EntryCodec.encode(key, response, body),
                                lengthApart(body),
                                millisToKeep(response),
                                MAX_VARIANTS,
                                EntryReader.MAX_ENTRY,
                                LINGER.toMillis(),
                                names.changes(),
                                message)))
                .thenCombine(notClearedSince(body.stamp()), Written::and)
                .whenComplete((stored, never) -> {
                    if (stored == Written.DONE) {
                        near.drop(key);
                    }
                });
    }

    void discard(CacheKey key, String id) {
        var discarded = link.call(names.entry(key), patience, () -> link.number(Script.DISCARD, keys(key, id), id));
        discarded.exceptionally(failure -> 0L); // it expires by itself
    }

    /**
     * Replaces a response in Redis, if it is from there, and its near copy.
     *
     * @param purged the stamp up to which all purges were known when the validation began
     */
    CompletionStage<Void> freshen(
            Fill near, CacheKey key, StoredResponse stored, StoredResponse freshened, long purged) {
        CompletionStage<Void> kept = near.freshen(stored, freshened);
        return stored.body() instanceof SharedBody body
                ? freshen(key, stored, freshened, body, purged).thenAccept(done -> {})
                : kept;
    }

    private CompletableFuture<Boolean> freshen(
            CacheKey key, StoredResponse stored, StoredResponse freshened, SharedBody unstamped, long purged) {
        SharedBody body = unstamped.withStamp(purges.validated(key, stored, unstamped.stamp(), purged));
        byte[] message = new Change.Stored(node, key).bytes();
        CompletableFuture<Long> answer = link.call(
                names.entry(key),
                patience,
                () -> link.number(
                        Script.FRESHEN,
                        keys(key, body.id()),
                        body.id(),
                        EntryCodec.encode(key, freshened, body),
                        lengthApart(body),
                        millisToKeep(freshened),
                        EntryReader.MAX_ENTRY,
                        names.changes(),
                        message));
        return done(answer.whenComplete((done, failure) -> {
            if (failure == null) {
                near.drop(key);
            }
        }));
    }

    /** Whether nothing was purged or cleared since a fill began, nor {@code key} removed. */
    boolean isCurrent(CacheKey key, RedisFill.Start start) {
        return stamps.cleared() <= start.stamp()
                && purges.news() == start.purges()
                && owed.number(key) == start.removals();
    }

    private List<Object> entryAndFills(CacheKey key) {
        return List.of(names.entry(key), names.fills(key));
    }

    private List<Object> keys(CacheKey key, String id) {
        return List.of(names.entry(key), names.fills(key), names.body(key, id));
    }

    private static long lengthApart(SharedBody body) {
        return body instanceof WindowedBody apart ? apart.length() : -1;
    }

    private long millisToKeep(StoredResponse response) {
        return Retention.of(response, clock.instant()).toMillis();
    }

    private static CompletableFuture<Written> written(CompletableFuture<Long> answer) {
        return answer.handle((done, failure) -> {
            if (failure != null) {
                return Written.FAILED;
            }
            return done == 1 ? Written.DONE : Written.REFUSED;
        });
    }

    private static CompletableFuture<Boolean> done(CompletableFuture<Long> answer) {
        return answer.handle((done, failure) -> failure == null && done == 1);
    }
}
