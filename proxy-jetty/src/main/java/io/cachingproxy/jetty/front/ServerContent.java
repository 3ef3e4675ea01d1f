package io.cachingproxy.jetty.front;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of a request to a Jetty server, read chunk by chunk without a copy. On multiplexed connections (HTTP/2),
 * content that arrives below the minimum rate fails here; {@link SlowClients} handles all other slow clients.
 */
public final class ServerContent implements Content {
    /** Time that a client has to notice that its connection ends. */
    public static final int LINGERING_SECONDS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(ServerContent.class);

    /** Number of bytes of content without a reader that are dropped to keep the connection. */
    private static final int MAX_DROPPED = 1 << 18;

    private final Request request;
    private final @Nullable MinimumRate rate;
    private org.eclipse.jetty.io.Content.@Nullable Chunk first;
    private long waitedNanos;
    private long received;
    /** The reader that waits for more content. */
    private final AtomicReference<@Nullable Runnable> waiting = new AtomicReference<>();

    private volatile boolean begun;
    private volatile boolean ended;
    private volatile boolean closed;

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
     * @param rate the minimum rate of multiplexed content; null: none
     */
    public static @Nullable ServerContent of(Request request, @Nullable MinimumRate rate) {
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
    public synchronized @Nullable Chunk read() throws IOException {
        if (closed) {
            throw new IOException("the response is complete");
        }
        begun = true;
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
        ended = true;
        return END;
    }

    @Override
    public void demand(Runnable ready) {
        if (first != null) {
            ready.run();
            return;
        }
        waiting.set(ready);
        if (closed && waiting.compareAndSet(ready, null)) {
            ready.run();
            return;
        }
        begun = true;
        long asked = System.nanoTime();
        request.demand(() -> {
            waitedNanos += System.nanoTime() - asked;
            Runnable next = waiting.getAndSet(null);
            if (next != null) {
                next.run();
            }
        });
    }

    /**
     * Announces the end of the connection if the content has not been read to its end, because the rest of it will be
     * dropped (RFC 9112 §9.6).
     */
    public void announce(Response response) {
        if (!begun) {
            dropAvailable();
        }
        if (!ended && !isMultiplexed()) {
            response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
        }
    }

    private void dropAvailable() {
        try {
            for (Chunk chunk = read(); chunk != null && !chunk.isEnd() && received < MAX_DROPPED; chunk = read()) {
                chunk.release();
            }
        } catch (IOException broken) {
            LOG.trace("The rest of a request broke off", broken);
        }
    }

    /**
     * Completes a request whose response is written; the rest of its content is dropped. Jetty does not complete a
     * request while its content is awaited: the client gets the end of the response, and some time to send more or to
     * close the connection.
     */
    void complete(Callback callback) {
        synchronized (this) {
            closed = true;
        }
        Runnable reader = waiting.get();
        if (reader == null) {
            callback.succeeded();
        } else if (isMultiplexed()) {
            callback.failed(HttpStream.CONTENT_NOT_CONSUMED); // RFC 9113 §8.1
            reader.run();
        } else {
            EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
            Scheduler.Task timer =
                    request.getComponents().getScheduler().schedule(client::close, LINGERING_SECONDS, TimeUnit.SECONDS);
            Runnable last = () -> {
                timer.cancel();
                callback.succeeded();
            };
            if (waiting.compareAndSet(reader, last)) {
                client.shutdownOutput();
                reader.run();
            } else {
                last.run();
            }
        }
    }

    private boolean isMultiplexed() {
        return request.getConnectionMetaData().getHttpVersion().getVersion() > HttpVersion.HTTP_1_1.getVersion();
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
