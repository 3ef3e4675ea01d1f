package io.cachingproxy.store.redis.bodies;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.store.redis.link.RedisLink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The content of a windowed body, for one reader. Two windows are read ahead, so at most three are in memory: 768 KiB,
 * regardless of the length of the body; fewer if there are many readers, see {@link ReadAhead}.
 */
final class WindowContent implements Content {
    private static final int AHEAD = 2;

    private final WindowedBody body;
    private final ReadAhead ahead;
    private final long to;
    private final Queue<ReadAhead.Window> arriving = new ArrayDeque<>(AHEAD);
    private final long first;
    private ReadAhead.@Nullable Window current;
    private long next;
    private long asked;

    WindowContent(WindowedBody body, long from, long to) {
        this.body = body;
        this.ahead = body.ahead();
        this.next = from;
        this.first = from - from % WindowedBody.WINDOW;
        this.asked = first;
        this.to = to;
    }

    @Override
    public @Nullable Chunk read() throws IOException {
        if (next >= to) {
            return END;
        }
        CompletableFuture<ByteBuffer> window = arriving();
        return window.isDone() ? Chunk.of(part(arrived(window))) : null;
    }

    /** The next window, after all windows to be read ahead were requested. */
    private CompletableFuture<ByteBuffer> arriving() {
        while (asked < to && arriving.size() < AHEAD) {
            int number = (int) (asked / WindowedBody.WINDOW);
            ReadAhead.Window window = ahead.take(body, number, asked > first, arriving.isEmpty());
            if (window == null) {
                break;
            }
            arriving.add(window);
            asked += WindowedBody.WINDOW;
        }
        return arriving.element().content();
    }

    private ByteBuffer arrived(CompletableFuture<ByteBuffer> window) throws IOException {
        try {
            return window.join();
        } catch (CompletionException e) {
            release();
            throw new IOException("the stored body broke off: " + RedisLink.reason(e));
        }
    }

    /** The requested part of the window; the windows after it are fetched meanwhile. */
    private ByteBuffer part(ByteBuffer window) {
        int from = (int) (next % WindowedBody.WINDOW);
        int count = (int) Math.min(window.remaining() - from, to - next);
        next += count;
        release(current);
        current = arriving.remove();
        if (next < to) {
            arriving();
        } else {
            release();
        }
        return window.slice(from, count).asReadOnlyBuffer();
    }

    @Override
    public void demand(Runnable ready) {
        if (next >= to) {
            ready.run();
        } else {
            arriving().whenComplete((window, failure) -> ready.run());
        }
    }

    @Override
    public void cancel() {
        next = to;
        release();
    }

    private void release() {
        arriving.forEach(WindowContent::release);
        arriving.clear();
        asked = next - next % WindowedBody.WINDOW;
        release(current);
        current = null;
    }

    private static void release(ReadAhead.@Nullable Window window) {
        if (window != null) {
            window.release();
        }
    }
}
