package io.cachingproxy.jetty;

import io.cachingproxy.Answer;
import io.cachingproxy.HttpCache;
import io.cachingproxy.Interim;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import java.net.SocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The cache in front of one origin as a handler of Jetty's core: no servlet, no copy of a body that only passes, and no
 * hop to another thread.
 *
 * <p>It asks the same {@link HttpCache} in the same way as the filter does, so that both answer alike; and so does {@link
 * HitConnection}, for what it answers by itself.
 */
public final class CachingHandler extends Handler.Abstract.NonBlocking {
    private final HttpCache cache;
    private final OriginClient origin;
    private final OriginBase base;
    private final Forwarding forwarding;
    private final PendingWrites pending;
    private final Limits limits;

    /**
     * A handler that answers with {@code cache}.
     *
     * @param uri of the origin; its path goes in front of each request's
     * @param origin the way to it
     * @param forwarding what it is told of clients
     * @param pending where writes are listed that wait for their clients
     * @param limits what is taken from clients
     */
    CachingHandler(
            HttpCache cache,
            URI uri,
            OriginClient origin,
            Forwarding forwarding,
            PendingWrites pending,
            Limits limits) {
        this.pending = pending;
        this.limits = limits;
        this.cache = cache;
        this.origin = origin;
        this.forwarding = forwarding;
        this.base = OriginBase.of(uri);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Content content = ServerContent.of(request, limits);
        Headers headers = forwarding.heard(() -> peer(request), JettyHeaders.of(request));
        RequestHead head = new RequestHead(
                request.getMethod(), base.target(request.getHttpURI().getPathQuery()), headers, content != null);
        Content body = content == null ? Content.empty() : content;
        CompletableFuture<Answer> answer = cache.serve(
                        head, body, toOrigin(request, headers), interim(request, response))
                .toCompletableFuture();
        if (answer.isDone()) {
            AnswerSender.send(answer.join(), pending, response, callback);
        } else {
            request.addIdleTimeoutListener(timeout -> false); // the time-outs of the origin decide
            answer.thenAccept(ready -> AnswerSender.sendOrFail(ready, pending, response, callback));
        }
        return true;
    }

    /** The answer to a request that only takes what is at hand; null if it takes more. */
    @Nullable
    Answer hit(SimpleRequest request, EndPoint client) {
        Headers headers = forwarding.heard(client::getRemoteSocketAddress, request.headers());
        return cache.hit(new RequestHead(request.method(), base.target(request.target()), headers));
    }

    private Origin toOrigin(Request request, Headers heard) {
        return (head, content, exchange) ->
                origin.fetch(head, content, exchange, forwarding.told(peer(request), heard));
    }

    private static SocketAddress peer(Request request) {
        return request.getConnectionMetaData().getRemoteSocketAddress();
    }

    private static Interim interim(Request request, Response response) {
        return (status, headers) -> {
            if (request.getConnectionMetaData().getHttpVersion().getVersion() > 10) { // RFC 9110 §15.2
                response.writeInterim(status, JettyHeaders.into(HttpFields.build(), headers));
            }
        };
    }
}
