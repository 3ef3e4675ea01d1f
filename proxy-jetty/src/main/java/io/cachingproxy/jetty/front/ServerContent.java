package io.cachingproxy.jetty.front;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * The content of a request to a Jetty server, read chunk by chunk without a copy. On multiplexed connections (HTTP/2),
 * content that arrives below the minimum rate fails here; {@link SlowClients} handles all other slow clients.
 */
public final class ServerContent implements Content {
    private final Request request;
    private final @Nullable MinimumRate rate;
    private org.eclipse.jetty.io.Content.@Nullable Chunk first;
    private long waitedNanos;
    private long received;

    private ServerContent(
            Request request, @Nullable MinimumRate rate, org.eclipse.jetty.io.Content.@Nullable Chunk first) {
        this.request = request;
        this.rate = rate;
        this.first = first;
    }

    /**
     * The content of {@code request}, or null if it has none. An HTTP/1 head announces content. In later versions the
     * absence of content may only show in the end of the stream, which the first read detects.
     *
     * @param rate the minimum rate of multiplexed content
     */
    public static @Nullable Content of(Request request, MinimumRate rate) {
        if (request.getConnectionMetaData().getHttpVersion().getVersion() <= HttpVersion.HTTP_1_1.getVersion()) {
            boolean framed = request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)
                    || request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > 0;
            return framed ? new ServerContent(request, null, null) : null;
        }
        if (request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) == 0) {
            return null;
        }
        org.eclipse.jetty.io.Content.Chunk chunk = request.read();
        boolean none = chunk != null
                && chunk.isLast()
                && !chunk.hasRemaining()
                && !org.eclipse.jetty.io.Content.Chunk.isFailure(chunk);
        return none ? null : new ServerContent(request, rate, chunk);
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
            received += chunk.remaining();
            if (isTooSlow() && !chunk.isLast()) {
                chunk.release();
                throw new IOException("the request came too slowly");
            }
            if (chunk.hasRemaining()) {
                return new Chunk(chunk.getByteBuffer(), chunk::release);
            }
            boolean last = chunk.isLast();
            chunk.release();
            if (last) {
                return end();
            }
        }
    }

    /**
     * The end of the content. Fails if the content is shorter than its Content-Length, because in HTTP/2 trailers can
     * end a message early (RFC 9113 §8.1.1).
     */
    private Chunk end() throws IOException {
        long announced = request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
        if (announced >= 0 && announced != received) {
            throw new IOException("the request is not as long as it said");
        }
        return END;
    }

    @Override
    public void demand(Runnable ready) {
        if (first != null) {
            ready.run();
            return;
        }
        long asked = System.nanoTime();
        request.demand(() -> {
            waitedNanos += System.nanoTime() - asked;
            ready.run();
        });
    }

    /** Whether the content is below the minimum rate. Only the time spent waiting for the client counts. */
    private boolean isTooSlow() {
        return rate != null && rate.isMissed(received, waitedNanos);
    }

    @Override
    public void cancel() {
        // the server drains unread content, or closes the connection
    }
}
