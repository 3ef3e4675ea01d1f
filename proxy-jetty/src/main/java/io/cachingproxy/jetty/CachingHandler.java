package io.cachingproxy.jetty;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.HttpCache;
import io.cachingproxy.Interim;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.net.JettyHeaders;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The cache in front of origins as a handler of Jetty's core: no servlet, no copy of a body that only passes, and no
 * hop to another thread.
 *
 * <p>It asks the same {@link HttpCache} in the same way as the filter does, so that both answer alike; and so does {@link
 * HitConnection}, for what it answers by itself.
 */
public final class CachingHandler extends Handler.Abstract.NonBlocking {
    private final HttpCache cache;
    private final Origins origins;
    private final Forwarding forwarding;
    private final PendingWrites pending;
    private final Limits limits;

    /**
     * A handler that answers with {@code cache}.
     *
     * @param origins the ways to the origins
     * @param forwarding what they are told of clients
     * @param pending where writes are listed that wait for their clients
     * @param limits what is taken from clients
     */
    CachingHandler(HttpCache cache, Origins origins, Forwarding forwarding, PendingWrites pending, Limits limits) {
        this.pending = pending;
        this.limits = limits;
        this.cache = cache;
        this.origins = origins;
        this.forwarding = forwarding;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Content content = ServerContent.of(request, limits);
        Headers headers = forwarding.heard(() -> peer(request), JettyHeaders.of(request));
        Target target = forwarding.target(
                Request.getServerName(request),
                Request.getServerPort(request),
                request.getHttpURI().getPathQuery());
        CacheRequest asked =
                resolved(new RequestHead(request.getMethod(), target, headers, content != null), () -> peer(request));
        if (asked.site() != null && !asked.treatment().answers() && origins.leavesPrefix(asked)) {
            Response.writeError(request, response, callback, HttpStatus.BAD_REQUEST_400);
            return true;
        }
        Content body = content == null ? Content.empty() : content;
        CompletableFuture<Answer> answer = cache.serve(
                        asked, body, toOrigin(asked, request, headers), interim(request, response))
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
        Target target = forwarding.target(request.host(), request.target());
        RequestHead head = new RequestHead(request.method(), target, headers);
        return cache.hit(resolved(head, client::getRemoteSocketAddress));
    }

    private CacheRequest resolved(RequestHead head, Supplier<SocketAddress> peer) {
        return cache.resolve(head, () -> forwarding.client(peer.get(), head.headers()), origins.only());
    }

    private Origin toOrigin(CacheRequest asked, Request request, Headers heard) {
        EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
        return (head, content, exchange) -> {
            Forwarding.Told told = forwarding.told(peer(request), heard);
            origins.fetch(asked, head, content, exchange, told, client, () -> forwarding.client(peer(request), heard));
        };
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
