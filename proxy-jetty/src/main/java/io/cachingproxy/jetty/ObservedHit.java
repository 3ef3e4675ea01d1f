package io.cachingproxy.jetty;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Headers;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.RequestEvents;
import io.cachingproxy.jetty.front.Forwarding;
import io.cachingproxy.jetty.hit.HitConnection;
import java.io.IOException;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/** The content of a hit that is reported to the {@link RequestEvents} when it is written. */
record ObservedHit(
        Answer answer,
        CacheRequest request,
        String protocol,
        EndPoint client,
        Forwarding forwarding,
        RequestEvents events,
        long begun)
        implements HitConnection.Reported {
    @Override
    public void written(long bytes, boolean complete) {
        long end = System.nanoTime();
        long total = end - begun; // head and content are written together
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
                total,
                total,
                end,
                0,
                null));
    }

    @Override
    public @Nullable Chunk read() throws IOException {
        return answer.content().read();
    }

    @Override
    public void demand(Runnable ready) {
        answer.content().demand(ready);
    }

    @Override
    public void cancel() {
        answer.content().cancel();
    }

    @Override
    public boolean isCutOff() {
        return answer.content().isCutOff();
    }

    @Override
    public Headers trailers() {
        return answer.content().trailers();
    }
}
