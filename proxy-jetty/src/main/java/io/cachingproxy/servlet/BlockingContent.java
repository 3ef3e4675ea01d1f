package io.cachingproxy.servlet;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.Flushable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/** Blocking reads of a {@link Content}. What was read before is flushed while none is available. */
final class BlockingContent {
    private final Content content;
    private final Flushable out;
    private final Semaphore ready = new Semaphore(0);

    BlockingContent(Content content, Flushable out) {
        this.content = content;
        this.out = out;
    }

    Chunk read() throws IOException {
        while (true) {
            Chunk chunk = content.read();
            if (chunk != null) {
                return chunk;
            }
            out.flush();
            content.demand(ready::release);
            try {
                ready.acquire();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                content.cancel();
                throw new InterruptedIOException("interrupted while waiting for content");
            }
        }
    }
}
