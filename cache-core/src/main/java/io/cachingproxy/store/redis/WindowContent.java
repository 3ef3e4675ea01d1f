package io.cachingproxy.store.redis;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The content of a body apart, for one reader: one window is read ahead, so two are in memory at most. */
final class WindowContent implements Content {
    private final WindowedBody body;
    private final long to;
    private long next;
    private @Nullable CompletableFuture<ByteBuffer> arriving;

    WindowContent(WindowedBody body, long from, long to) {
        this.body = body;
        this.next = from;
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

    private CompletableFuture<ByteBuffer> arriving() {
        CompletableFuture<ByteBuffer> window = arriving;
        if (window == null) {
            window = body.window((int) (next / WindowedBody.WINDOW)).toCompletableFuture();
            arriving = window;
        }
        return window;
    }

    private static ByteBuffer arrived(CompletableFuture<ByteBuffer> window) throws IOException {
        try {
            return window.join();
        } catch (CompletionException e) {
            throw new IOException("the stored body broke off: " + RedisLink.reason(e));
        }
    }

    /** What of the window is asked for; the next window is fetched meanwhile. */
    private ByteBuffer part(ByteBuffer window) {
        int from = (int) (next % WindowedBody.WINDOW);
        int count = (int) Math.min(window.remaining() - from, to - next);
        next += count;
        arriving = null;
        if (next < to) {
            arriving();
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
        arriving = null;
    }
}
