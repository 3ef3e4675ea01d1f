package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The content of a stored response that is read over a network. Its first piece has arrived before the answer is sent;
 * if reading fails later, {@link Rest} supplies the remaining bytes.
 */
final class RemoteContent implements Content {
    /** Source of the remaining bytes. */
    interface Rest {
        /** The content after the given number of bytes; fails if it is not available. */
        CompletionStage<Content> after(long bytes);
    }

    private final Rest rest;
    private Content source;
    private @Nullable Chunk first;
    private @Nullable CompletableFuture<Content> continued;
    private boolean broken;
    private long given;

    private RemoteContent(Content source, @Nullable Chunk first, Rest rest) {
        this.source = source;
        this.first = first;
        this.rest = rest;
    }

    /** The content, once its first piece has arrived; the stage fails if none arrives. */
    static CompletionStage<Content> begun(Content source, Rest rest) {
        CompletableFuture<Content> begun = new CompletableFuture<>();
        source.demand(() -> {
            try {
                begun.complete(new RemoteContent(source, source.read(), rest));
            } catch (IOException none) {
                begun.completeExceptionally(none);
            }
        });
        return begun;
    }

    @Override
    public @Nullable Chunk read() throws IOException {
        Chunk chunk = first == null ? next() : first;
        first = null;
        if (chunk != null && !chunk.isEnd()) {
            given += chunk.length();
        }
        return chunk;
    }

    private @Nullable Chunk next() throws IOException {
        if (continued == null) {
            try {
                return source.read();
            } catch (IOException e) {
                if (broken) {
                    throw e;
                }
                broken = true;
                continued = rest.after(given).toCompletableFuture();
            }
        }
        if (!continued.isDone()) {
            return null;
        }
        source = arrived(continued);
        continued = null;
        return source.read();
    }

    private static Content arrived(CompletableFuture<Content> rest) throws IOException {
        try {
            return rest.join();
        } catch (CompletionException e) {
            throw new IOException("the stored body was truncated", e.getCause());
        }
    }

    @Override
    public void demand(Runnable ready) {
        if (first != null) {
            ready.run();
        } else if (continued == null) {
            source.demand(ready);
        } else {
            continued.whenComplete((content, failure) -> {
                if (failure == null) {
                    content.demand(ready);
                } else {
                    ready.run();
                }
            });
        }
    }

    @Override
    public void cancel() {
        if (first != null) {
            first.release();
            first = null;
        }
        source.cancel();
        if (continued != null) {
            continued.thenAccept(Content::cancel);
        }
    }
}
