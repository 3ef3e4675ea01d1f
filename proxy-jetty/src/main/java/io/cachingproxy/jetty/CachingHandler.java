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
import io.cachingproxy.jetty.events.RequestEvents;
import io.cachingproxy.jetty.front.AnswerSender;
import io.cachingproxy.jetty.front.Forwarding;
import io.cachingproxy.jetty.front.Forwardings;
import io.cachingproxy.jetty.front.MinimumRate;
import io.cachingproxy.jetty.front.PendingWrites;
import io.cachingproxy.jetty.front.ServerContent;
import io.cachingproxy.jetty.hit.HitConnection;
import io.cachingproxy.jetty.hit.SimpleRequest;
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
 * The cache in front of the origins as a handler of Jetty's core: without servlets, without a copy of a body that is
 * only forwarded, and without a thread hop.
 *
 * <p>The handler, {@link HitConnection} and the servlet filter use {@link HttpCache} in the same way, so their
 * responses are the same.
 */
final class CachingHandler extends Handler.Abstract.NonBlocking {
    private final HttpCache cache;
    private final Origins origins;
    private final Forwardings forwardings;
    private final PendingWrites pending;
    private final MinimumRate rate;
    private final RequestEvents events;
    private final RequestObserver observer;

    /**
     * A handler that serves from {@code cache}.
     *
     * @param origins the origins
     * @param forwardings the request fields about clients and proxies that origins receive
     * @param pending the list of writes that wait for their clients
     * @param rate the minimum rate of request content over HTTP/2
     * @param events receives the requests that were answered
     */
    CachingHandler(
            HttpCache cache,
            Origins origins,
            Forwardings forwardings,
            PendingWrites pending,
            MinimumRate rate,
            RequestEvents events) {
        this.events = events;
        this.observer = new RequestObserver(events, forwardings);
        this.pending = pending;
        this.rate = rate;
        this.cache = cache;
        this.origins = origins;
        this.forwardings = forwardings;
    }

    /** Reports the requests that Jetty reads; {@link #hit} reports its own. */
    RequestObserver observer() {
        return observer;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        ServerContent content = ServerContent.of(request, rate);
        Forwarding forwarding = forwardings.of(request.isSecure());
        Headers headers = forwarding.accepted(() -> peer(request), JettyHeaders.of(request));
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
        RequestObserver.Observed observed = observer.observe(request, asked, callback);
        Callback end = observed == null ? callback : observed;
        CompletableFuture<Answer> answer = cache.serve(
                        asked,
                        body,
                        toOrigin(asked, request, headers, forwarding, observed),
                        interim(request, response))
                .toCompletableFuture();
        if (answer.isDone()) {
            AnswerSender.send(known(answer.join(), observed), content, pending, response, end);
        } else {
            request.addIdleTimeoutListener(timeout -> false); // the timeouts of the origin apply instead
            answer.thenAccept(
                    ready -> AnswerSender.sendOrFail(known(ready, observed), content, pending, response, end));
        }
        return true;
    }

    private static Answer known(Answer answer, RequestObserver.@Nullable Observed observed) {
        if (observed != null) {
            observed.answered(answer);
        }
        return answer;
    }

    /** The answer to a request that can be served from memory at once; null for any other request. */
    @Nullable
    Answer hit(SimpleRequest request, EndPoint client) {
        long begun = events.now();
        Forwarding forwarding = forwardings.of(client.isSecure());
        Headers headers = forwarding.accepted(client::getRemoteSocketAddress, request.headers());
        Target target = forwarding.target(request.host(), request.target());
        RequestHead head = new RequestHead(request.method(), target, headers);
        CacheRequest asked = resolved(head, client::getRemoteSocketAddress);
        Answer answer = cache.hit(asked);
        if (answer == null || !events.isOn()) {
            return answer;
        }
        String protocol = request.http10() ? "HTTP/1.0" : "HTTP/1.1";
        Content content = new ObservedHit(answer, asked, protocol, client, forwarding, events, begun);
        return new Answer(answer.head(), content, answer.status());
    }

    private CacheRequest resolved(RequestHead head, Supplier<SocketAddress> peer) {
        return cache.resolve(head, () -> forwardings.client(peer.get(), head.headers()), origins.only());
    }

    private Origin toOrigin(
            CacheRequest asked,
            Request request,
            Headers accepted,
            Forwarding forwarding,
            RequestObserver.@Nullable Observed observed) {
        EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
        return (head, content, exchange) -> {
            if (observed != null) {
                observed.fetched(exchange);
            }
            Forwarding.Added added = forwarding.added(peer(request), accepted);
            origins.fetch(
                    asked, head, content, exchange, added, client, () -> forwarding.client(peer(request), accepted));
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
