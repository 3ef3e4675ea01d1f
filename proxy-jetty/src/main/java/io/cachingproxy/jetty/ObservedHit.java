package io.cachingproxy.jetty;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.RequestEvents;
import io.cachingproxy.jetty.front.Forwarding;
import io.cachingproxy.jetty.hit.HitConnection;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/** The content of a hit that is reported to the {@link RequestEvents} when it is written. */
record ObservedHit(
        Content content,
        CacheRequest request,
        Answer answer,
        String protocol,
        EndPoint client,
        Forwarding forwarding,
        RequestEvents events,
        long begun,
        long headAt)
        implements HitConnection.Reported {
    @Override
    public void written(long bytes, boolean complete) {
        events.answered(new AnsweredRequest(
                forwarding.client(
                        client.getRemoteSocketAddress(), request.head().headers()),
                protocol,
                request.head().method(),
                request.head().target(),
                request.head().headers(),
                request,
                answer.head().status(),
                answer.status(),
                answer.head().headers(),
                bytes,
                complete,
                Duration.ofNanos(headAt - begun),
                Duration.ofNanos(System.nanoTime() - begun),
                null));
    }

    @Override
    public @Nullable Chunk read() throws IOException {
        return content.read();
    }

    @Override
    public void demand(Runnable ready) {
        content.demand(ready);
    }

    @Override
    public void cancel() {
        content.cancel();
    }

    @Override
    public boolean isCutOff() {
        return content.isCutOff();
    }

    @Override
    public Headers trailers() {
        return content.trailers();
    }
}
