package io.cachingproxy.origin;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import java.io.IOException;
import org.eclipse.jetty.client.Request;
import org.jspecify.annotations.Nullable;

/** Adapts request content to Jetty's client, which reads it at the pace of the origin. */
final class RequestContent implements Request.Content {
    private final Content content;
    private final long length;
    private final RequestTimer timer;
    private volatile boolean broken;

    RequestContent(Content content, Headers headers, RequestTimer timer) {
        this.timer = timer;
        this.content = content;
        Long announced = headers.contentLength();
        this.length = announced == null ? -1 : announced;
    }

    /** Whether a read of this content failed, so that the failure is not the origin's. */
    boolean broken() {
        return broken;
    }

    @Override
    public @Nullable String getContentType() {
        return null; // the client's own field is forwarded
    }

    @Override
    public long getLength() {
        return length;
    }

    @Override
    public org.eclipse.jetty.io.Content.@Nullable Chunk read() {
        try {
            Chunk chunk = content.read();
            if (chunk == null) {
                return null;
            }
            return chunk.isEnd()
                    ? org.eclipse.jetty.io.Content.Chunk.EOF
                    : org.eclipse.jetty.io.Content.Chunk.from(chunk.bytes(), false, chunk::release);
        } catch (IOException | RuntimeException failed) {
            broken = true;
            return org.eclipse.jetty.io.Content.Chunk.from(failed, true);
        }
    }

    @Override
    public void demand(Runnable ready) {
        timer.clientSends(true);
        content.demand(() -> {
            timer.clientSends(false);
            ready.run();
        });
    }

    @Override
    public void fail(Throwable failure) {
        content.cancel();
    }
}
