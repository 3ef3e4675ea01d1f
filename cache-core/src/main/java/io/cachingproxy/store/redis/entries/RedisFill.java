package io.cachingproxy.store.redis.entries;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.redis.bodies.InlineBody;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.bodies.WindowedBody;
import io.cachingproxy.store.redis.channel.KnownRemovals;
import io.cachingproxy.store.redis.entries.EntryWriter.Written;
import io.cachingproxy.store.redis.link.KeyNames;
import io.cachingproxy.store.redis.near.NearCache;
import io.cachingproxy.store.redis.near.PendingCommits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The storing of one response in Redis: it is registered, written in windows, several of them concurrently, then
 * committed. Each step begins only after the preceding ones succeeded, and nothing blocks; unwritten bytes count
 * against the bound shared by all fills.
 *
 * <p>The response is available on this node from the commit on, even before Redis has received it. If Redis fails, it
 * stays available like any response stored during an outage, unless it is too long for a near copy.
 */
public final class RedisFill implements Fill {
    /** The longest body that is inlined in the entry, in bytes. */
    public static final int MAX_HELD = 32 * 1024;

    /** The longest body that is inlined in a large entry, in bytes. */
    static final int MAX_HELD_IF_WIDE = 4 * 1024;

    /** Number of windows that are written concurrently. */
    private static final int LANES = 8;

    private final EntryWriter writer;
    private final CacheKey key;
    private final String id;
    private final KnownRemovals gone;
    private final KnownRemovals.Start start;
    private final int maxHeld;
    private final NearCache nearCache;
    private final Fill near;
    private final Backlog backlog;
    private final List<ByteBuffer> waiting = new ArrayList<>();
    private final List<Integer> checksums = new ArrayList<>();
    /** All windows, for the near copy; empty if the body is too long for one. */
    private final List<byte[]> kept = new ArrayList<>();

    private final CompletableFuture<Written> begun;
    private final List<CompletableFuture<Written>> lanes = new ArrayList<>();
    private boolean keeping = true;
    private int waitingBytes;
    private long length;
    private boolean ended;

    /**
     * Begins a fill.
     *
     * @param isWide whether the entry is large already
     * @param nearCache receives a copy
     */
    public RedisFill(
            EntryWriter writer,
            CacheKey key,
            KnownRemovals gone,
            boolean isWide,
            NearCache nearCache,
            Backlog backlog) {
        this.writer = writer;
        this.key = key;
        this.id = KeyNames.newId();
        this.gone = gone;
        this.start = gone.start(key);
        this.maxHeld = isWide ? MAX_HELD_IF_WIDE : MAX_HELD;
        this.nearCache = nearCache;
        this.near = nearCache.store().fill(key);
        this.backlog = backlog;
        this.begun = writer.begin(key, id, start.stamp());
    }

    @Override
    public boolean write(ByteBuffer bytes) {
        int more = bytes.remaining();
        if (ended || hasFailed() || length + more > backlog.maxObjectBytes() || !backlog.take(more)) {
            discard();
            return false;
        }
        length += more;
        if (length > nearCache.longest()) {
            keepNoMore();
        }
        for (ByteBuffer rest = bytes.duplicate(); rest.hasRemaining(); ) {
            rest = takeUpToWindow(rest);
        }
        return true;
    }

    /** Whether a step failed, so that further steps are useless. */
    private boolean hasFailed() {
        return hasFailed(begun) || lanes.stream().anyMatch(this::hasFailed);
    }

    private boolean hasFailed(CompletableFuture<Written> step) {
        Written written = step.getNow(Written.DONE);
        return written == Written.REFUSED || (written == Written.FAILED && !keeping);
    }

    private ByteBuffer takeUpToWindow(ByteBuffer bytes) {
        int count = Math.min(bytes.remaining(), WindowedBody.WINDOW - waitingBytes);
        waiting.add(bytes.slice(bytes.position(), count));
        waitingBytes += count;
        if (waitingBytes == WindowedBody.WINDOW) {
            sendWindow();
        }
        return bytes.slice(bytes.position() + count, bytes.remaining() - count);
    }

    private void sendWindow() {
        byte[] window = joined();
        int number = checksums.size();
        long offset = (long) number * WindowedBody.WINDOW;
        checksums.add(WindowedBody.checksum(window, window.length));
        keep(window);
        CompletableFuture<Written> before = number < LANES ? begun : lanes.get(number % LANES);
        CompletableFuture<Written> written = before.thenCompose(
                        well -> well == Written.DONE ? writer.write(key, id, offset, window) : done(well))
                .whenComplete((well, failure) -> backlog.free(window.length));
        if (number < LANES) {
            lanes.add(written);
        } else {
            lanes.set(number % LANES, written);
        }
    }

    private void keep(byte[] window) {
        if (keeping && backlog.takeToKeep(window.length)) {
            kept.add(window);
        } else {
            keepNoMore();
        }
    }

    private void keepNoMore() {
        keeping = false;
        kept.forEach(window -> backlog.free(window.length));
        kept.clear();
    }

    private byte[] joined() {
        byte[] bytes = new byte[waitingBytes];
        int at = 0;
        for (ByteBuffer part : waiting) {
            int count = part.remaining();
            part.get(bytes, at, count);
            at += count;
        }
        waiting.clear();
        waitingBytes = 0;
        return bytes;
    }

    @Override
    public CompletionStage<Boolean> commit(StoredResponse response) {
        if (ended) {
            return CompletableFuture.completedFuture(false);
        }
        ended = true;
        SharedBody body = body();
        SharedBody copy = copy(body);
        PendingCommits.Pending pending = copy == null ? null : visible(response.withBody(copy));
        return progress()
                .thenCompose(well -> well == Written.DONE ? writer.commit(key, response, body) : done(well))
                .thenApply(stored -> {
                    boolean here = copy != null && keptNear(stored, response, copy);
                    if (pending != null) {
                        nearCache.pending().end(key, pending, stored == Written.REFUSED);
                    }
                    keepNoMore();
                    if (body instanceof InlineBody) {
                        backlog.free(body.length());
                    }
                    return stored == Written.DONE || here;
                });
    }

    private PendingCommits.Pending visible(StoredResponse response) {
        return nearCache.pending().add(key, response, this::left);
    }

    /**
     * Keeps a near copy of a response in Redis, for outages; if Redis did not accept it, the near copy is the only one.
     */
    private boolean keptNear(Written stored, StoredResponse response, SharedBody copy) {
        if (stored == Written.DONE) {
            return nearCache.put(key, response.withBody(copy), this::left);
        }
        if (stored == Written.REFUSED || left(response) == null) {
            return false;
        }
        if (copy instanceof InlineBody held) {
            near.write(held.bytes().duplicate());
        } else {
            kept.forEach(window -> near.write(ByteBuffer.wrap(window)));
        }
        return near.commit(response).toCompletableFuture().join(); // complete on return, because the store is in memory
    }

    private @Nullable StoredResponse left(StoredResponse response) {
        return gone.left(key, response, start);
    }

    private static CompletableFuture<Written> done(Written written) {
        return CompletableFuture.completedFuture(written);
    }

    /** The combined result of all steps begun so far; completes when they have ended. */
    public CompletableFuture<Written> progress() {
        CompletableFuture<Written> all = begun;
        for (CompletableFuture<Written> lane : lanes) {
            all = all.thenCombine(lane, Written::and);
        }
        return all;
    }

    private SharedBody body() {
        if (length <= maxHeld) {
            return new InlineBody(id, start.stamp(), ByteBuffer.wrap(joined()), SharedBody.unconfirmed());
        }
        if (waitingBytes > 0) {
            sendWindow();
        }
        int[] sums = checksums.stream().mapToInt(Integer::intValue).toArray();
        return new WindowedBody(id, start.stamp(), length, sums);
    }

    /** The body for the near copy; null if there is none. */
    private @Nullable SharedBody copy(SharedBody body) {
        if (body instanceof WindowedBody apart) {
            return keeping ? apart.with(kept) : null;
        }
        return length <= nearCache.longest() ? body : null;
    }

    @Override
    public CompletionStage<Void> freshen(StoredResponse stored, StoredResponse freshened) {
        discard();
        return writer.freshen(near, key, stored, freshened, start.purged());
    }

    @Override
    public boolean isCurrent() {
        return gone.isCurrent(key, start);
    }

    @Override
    public void discard() {
        if (!ended) {
            ended = true;
            backlog.free(waitingBytes);
            waiting.clear();
            waitingBytes = 0;
            keepNoMore();
            progress().whenComplete((well, failure) -> writer.discard(key, id));
        }
    }
}
