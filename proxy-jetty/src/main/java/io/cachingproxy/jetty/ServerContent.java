package io.cachingproxy.jetty;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** The content of a request to a Jetty server, lent chunk by chunk without a copy. */
final class ServerContent implements Content {
    private final Request request;
    private org.eclipse.jetty.io.Content.@Nullable Chunk first;

    private ServerContent(Request request, org.eclipse.jetty.io.Content.@Nullable Chunk first) {
        this.request = request;
        this.first = first;
    }

    /**
     * The content of {@code request}, or null if it has none. HTTP/1 says so in its head; later versions may only say it
     * by ending the request, which the first read shows.
     */
    static @Nullable Content of(Request request) {
        if (request.getConnectionMetaData().getHttpVersion().getVersion() <= HttpVersion.HTTP_1_1.getVersion()) {
            boolean framed = request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)
                    || request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > 0;
            return framed ? new ServerContent(request, null) : null;
        }
        if (request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) == 0) {
            return null;
        }
        org.eclipse.jetty.io.Content.Chunk chunk = request.read();
        boolean none = chunk != null
                && chunk.isLast()
                && !chunk.hasRemaining()
                && !org.eclipse.jetty.io.Content.Chunk.isFailure(chunk);
        return none ? null : new ServerContent(request, chunk);
    }

    @Override
    public @Nullable Chunk read() throws IOException {
        while (true) {
            org.eclipse.jetty.io.Content.Chunk chunk = first == null ? request.read() : first;
            first = null;
            if (chunk == null) {
                return null;
            }
            if (org.eclipse.jetty.io.Content.Chunk.isFailure(chunk)) {
                throw new IOException("the request broke off", chunk.getFailure());
            }
            if (chunk.hasRemaining()) {
                return new Chunk(chunk.getByteBuffer(), chunk::release);
            }
            boolean last = chunk.isLast();
            chunk.release();
            if (last) {
                return END;
            }
        }
    }

    @Override
    public void demand(Runnable ready) {
        if (first == null) {
            request.demand(ready);
        } else {
            ready.run();
        }
    }

    @Override
    public void cancel() {
        // what is left unread is the server's to drain or to cut
    }
}
