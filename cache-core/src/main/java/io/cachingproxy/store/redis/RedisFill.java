package io.cachingproxy.store.redis;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A response on its way to Redis. Everything it does there is one chain of steps, each only after the one before
 * succeeded: register, write window after window, commit. Nothing waits for it; what is not yet written counts against
 * the bound that all fills share.
 */
final class RedisFill implements Fill {
    /** The longest body that is kept in the entry itself. */
    static final int MAX_HELD = 32 * 1024;

    private final EntryWriter writer;
    private final CacheKey key;
    private final String id;
    private final Start start;
    private final Fill near;
    private final Backlog backlog;
    private final List<ByteBuffer> waiting = new ArrayList<>();
    private final List<Integer> checksums = new ArrayList<>();
    private CompletableFuture<Boolean> chain;
    private int waitingBytes;
    private long length;
    private boolean ended;

    /**
     * What was known here when the fill began.
     *
     * @param stamp the latest stamp
     * @param purged the stamp up to which all purges were known
     * @param purges the number of purges so far: {@link KnownPurges#news}
     * @param removals the same of removals: {@link OwedRemovals#number}
     */
    record Start(long stamp, long purged, long purges, long removals) {}

    /**
     * A fill that begins now.
     *
     * @param near for the near copy, if this ends with a validation
     */
    RedisFill(EntryWriter writer, CacheKey key, String id, Start start, Fill near, Backlog backlog) {
        this.writer = writer;
        this.key = key;
        this.id = id;
        this.start = start;
        this.near = near;
        this.backlog = backlog;
        this.chain = writer.begin(key, id, start.stamp());
    }

    @Override
    public boolean write(ByteBuffer bytes) {
        int more = bytes.remaining();
        boolean failed = chain.isDone() && !chain.join();
        if (ended || failed || length + more > backlog.maxObjectBytes() || !backlog.take(more)) {
            discard();
            return false;
        }
        length += more;
        for (ByteBuffer rest = bytes.duplicate(); rest.hasRemaining(); ) {
            rest = takeUpToWindow(rest);
        }
        return true;
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
        long offset = (long) checksums.size() * WindowedBody.WINDOW;
        checksums.add(WindowedBody.checksum(window, window.length));
        chain = chain.thenCompose(
                        well -> well ? writer.write(key, id, offset, window) : CompletableFuture.completedFuture(false))
                .whenComplete((well, failure) -> backlog.free(window.length));
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
        return chain.thenCompose(
                        well -> well ? writer.commit(key, response, body) : CompletableFuture.completedFuture(false))
                .whenComplete((stored, failure) -> {
                    if (body instanceof HeldBody) {
                        backlog.free(body.length());
                    }
                });
    }

    /** Whether all steps that were begun so far succeeded; ends when they did. */
    CompletionStage<Boolean> progress() {
        return chain;
    }

    private SharedBody body() {
        if (length <= MAX_HELD) {
            return new HeldBody(id, start.stamp(), ByteBuffer.wrap(joined()), System.nanoTime());
        }
        if (waitingBytes > 0) {
            sendWindow();
        }
        int[] sums = checksums.stream().mapToInt(Integer::intValue).toArray();
        return new WindowedBody(id, start.stamp(), length, sums);
    }

    @Override
    public CompletionStage<Void> freshen(StoredResponse stored, StoredResponse freshened) {
        discard();
        return writer.freshen(near, key, stored, freshened, start.purged());
    }

    @Override
    public boolean isCurrent() {
        return writer.isCurrent(key, start);
    }

    @Override
    public void discard() {
        if (!ended) {
            ended = true;
            backlog.free(waitingBytes);
            waiting.clear();
            waitingBytes = 0;
            chain.whenComplete((well, failure) -> writer.discard(key, id));
        }
    }
}
