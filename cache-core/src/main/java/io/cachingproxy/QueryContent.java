package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The content of a QUERY request, read before the lookup because it is part of the cache key (RFC 10008 §2.7). Up to
 * {@link #MAX} bytes are buffered and digested; a longer content is forwarded without a digest, and its response is not
 * cached.
 */
final class QueryContent implements Content {
    static final int MAX = 64 * 1024;

    private final RequestHead request;
    private final Content rest;
    private final Deque<Chunk> kept = new ArrayDeque<>();
    private final CompletableFuture<Query> done = new CompletableFuture<>();
    private int length;
    private @Nullable IOException failure;

    private QueryContent(RequestHead request, Content rest) {
        this.request = request;
        this.rest = rest;
    }

    /**
     * A QUERY request and its complete content.
     *
     * @param head with a digest, if the content is short enough
     */
    record Query(RequestHead head, Content content) {}

    static CompletionStage<Query> read(RequestHead request, Content body) {
        QueryContent content = new QueryContent(request, body);
        content.fill();
        return content.done;
    }

    private void fill() {
        try {
            while (length <= MAX) {
                Chunk chunk = rest.read();
                if (chunk == null) {
                    rest.demand(this::fill);
                    return;
                }
                if (chunk.isEnd()) {
                    done.complete(new Query(request.withContentDigest(digest()), this));
                    return;
                }
                length += chunk.length();
                kept.add(Chunk.of(chunk.copy()));
                chunk.release();
            }
        } catch (IOException broken) {
            failure = broken;
        }
        done.complete(new Query(request, this));
    }

    private String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String field : new String[] {"Content-Type", "Content-Encoding", "Content-Language"}) {
                String value = Objects.requireNonNullElse(request.headers().combined(field), "");
                digest.update((value.length() + ":" + value).getBytes(StandardCharsets.UTF_8));
            }
            kept.forEach(chunk -> digest.update(chunk.bytes().duplicate()));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has SHA-256
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public @Nullable Chunk read() throws IOException {
        Chunk chunk = kept.poll();
        if (chunk != null) {
            return chunk;
        }
        if (failure != null) {
            throw failure;
        }
        return rest.read();
    }

    @Override
    public void demand(Runnable ready) {
        if (kept.isEmpty() && failure == null) {
            rest.demand(ready);
        } else {
            ready.run();
        }
    }

    @Override
    public void cancel() {
        kept.clear();
        rest.cancel();
    }
}
