package io.cachingproxy.store.redis.entries;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.bodies.WindowedBody;
import io.cachingproxy.store.redis.channel.Change;
import io.cachingproxy.store.redis.channel.Control;
import io.cachingproxy.store.redis.channel.KnownRemovals;
import io.cachingproxy.store.redis.channel.Stamps;
import io.cachingproxy.store.redis.link.Bounds;
import io.cachingproxy.store.redis.link.Capacity;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.link.Node;
import io.cachingproxy.store.redis.link.Operation;
import io.cachingproxy.store.redis.link.RedisLink;
import io.cachingproxy.store.redis.link.Script;
import io.cachingproxy.store.redis.near.NearCache;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** The steps that store a response. No step fails: each returns its result as {@link Written}. */
public final class EntryWriter {
    /** The same limit as in the in-memory store. */
    private static final int MAX_VARIANTS = 64;

    /** The longest time without progress after which a fill expires. */
    private static final Duration IDLE_FILL = Duration.ofMinutes(2);

    private final RedisLink link;
    private final KeyNames names;
    private final String node;
    private final Duration patience;
    private final Control control;
    private final Capacity capacity;
    private final NearCache near;
    private final KnownRemovals gone;
    private final InstantSource clock;

    public EntryWriter(
            Node node, Control control, Capacity capacity, NearCache near, KnownRemovals gone, InstantSource clock) {
        this.link = node.link();
        this.names = node.names();
        this.node = node.id();
        this.patience = node.patience();
        this.control = control;
        this.capacity = capacity;
        this.near = near;
        this.gone = gone;
        this.clock = clock;
    }

    /** The result of a step, the worst last. */
    public enum Written {
        DONE,
        /** Redis did not answer, or could not execute the step. */
        FAILED,
        /** Redis answered that the entry was removed, or that the fill is no longer registered. */
        REFUSED;

        Written and(Written other) {
            return compareTo(other) < 0 ? other : this;
        }
    }

    /** Registers a fill, unless there was a removal that this node does not know. */
    CompletableFuture<Written> begin(CacheKey key, String id, long stamp) {
        return written(refusable(
                Operation.BEGIN,
                key,
                () -> link.number(Script.BEGIN, entryAndFills(key), id, stamp, IDLE_FILL.toMillis())));
    }

    /**
     * Checks for clearings after the registration. A later clearing removes the registration, and a response with a
     * stamp before a clearing is never read.
     */
    private CompletableFuture<Written> notClearedSince(long stamp) {
        return link.call(Operation.CHECK, patience, () -> control.bytes(Script.PULSE, ""))
                .handle((answer, failure) -> {
                    if (failure != null) {
                        return Written.FAILED;
                    }
                    long cleared = Stamps.Last.parse(answer).cleared();
                    if (gone.stamps().heardCleared(cleared)) {
                        near.dropAll();
                    }
                    return cleared <= stamp ? Written.DONE : Written.REFUSED;
                });
    }

    CompletableFuture<Written> write(CacheKey key, String id, long offset, byte[] window) {
        return written(judged(
                key,
                link.transfer(
                        Operation.WRITE,
                        names.entry(key),
                        patience,
                        () -> link.number(Script.WRITE, keys(key, id), id, offset, window, IDLE_FILL.toMillis()))));
    }

    /** Calls a command that a full Redis refuses. */
    private CompletableFuture<Long> refusable(Operation kind, CacheKey key, Supplier<CompletionStage<Long>> operation) {
        return judged(key, link.call(kind, names.entry(key), patience, operation));
    }

    private CompletableFuture<Long> judged(CacheKey key, CompletableFuture<Long> answer) {
        return answer.whenComplete((done, failure) -> capacity.judge(names.fills(key), failure));
    }

    /** Commits the response, unless it was removed or purged since its fill began. */
    CompletableFuture<Written> commit(CacheKey key, StoredResponse response, SharedBody body) {
        if (gone.left(key, response, body.stamp()) == null) {
            discard(key, body.id());
            return CompletableFuture.completedFuture(Written.REFUSED);
        }
        byte[] message = new Change.Stored(node, key).bytes();
        return written(refusable(
                        Operation.COMMIT,
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
                                Bounds.MAX_ENTRY,
                                Bounds.LINGER.toMillis(),
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
        var discarded = link.call(
                Operation.DISCARD, names.entry(key), patience, () -> link.number(Script.DISCARD, keys(key, id), id));
        discarded.exceptionally(failure -> 0L); // it expires
    }

    /**
     * Replaces a response in Redis, if it is stored there, and its near copy.
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
        SharedBody body = unstamped.withStamp(gone.purges().validated(key, stored, unstamped.stamp(), purged));
        byte[] message = new Change.Stored(node, key).bytes();
        CompletableFuture<Long> answer = link.call(
                Operation.FRESHEN,
                names.entry(key),
                patience,
                () -> link.number(
                        Script.FRESHEN,
                        keys(key, body.id()),
                        body.id(),
                        EntryCodec.encode(key, freshened, body),
                        lengthApart(body),
                        millisToKeep(freshened),
                        Bounds.MAX_ENTRY,
                        names.changes(),
                        message));
        return done(answer.whenComplete((done, failure) -> {
            if (failure == null) {
                near.drop(key);
            }
        }));
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
