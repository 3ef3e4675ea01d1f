package io.cachingproxy.servlet;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/** Blocking reads of a {@link Content}. */
final class BlockingContent {
    private final Content content;
    private final Semaphore ready = new Semaphore(0);

    BlockingContent(Content content) {
        this.content = content;
    }

    Chunk read() throws IOException {
        while (true) {
            Chunk chunk = content.read();
            if (chunk != null) {
                return chunk;
            }
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
