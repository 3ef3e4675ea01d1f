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
import io.cachingproxy.jetty.debug.CacheDebug;
import io.cachingproxy.jetty.events.RequestEvents;
import io.cachingproxy.jetty.front.AnswerSender;
import io.cachingproxy.jetty.front.Forwarding;
import io.cachingproxy.jetty.front.Forwardings;
import io.cachingproxy.jetty.front.JettyResponse;
import io.cachingproxy.jetty.front.MinimumRate;
import io.cachingproxy.jetty.front.PendingWrites;
import io.cachingproxy.jetty.front.ServerContent;
import io.cachingproxy.jetty.hit.HitConnection;
import io.cachingproxy.jetty.hit.SimpleRequest;
import io.cachingproxy.jetty.tracing.TracedRequest;
import io.cachingproxy.jetty.tracing.Tracing;
import io.cachingproxy.net.JettyHeaders;
import io.cachingproxy.origin.OriginTracing;
import io.cachingproxy.policy.Decision;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
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
    private final Tracing tracing;
    private final @Nullable CacheDebug debug;
    /** Whether the end of each request is reported, to listeners or by spans. */
    private final boolean observes;

    private final RequestObserver observer;

    /**
     * A handler that serves from {@code cache}.
     *
     * @param origins the origins
     * @param forwardings the request fields about clients and proxies that origins receive
     * @param pending the list of writes that wait for their clients
     * @param rate the minimum rate of request content over HTTP/2
     * @param events receives the requests that were answered
     * @param tracing traces the requests
     * @param debug explains answers to requests with a token; null: none
     */
    CachingHandler(
            HttpCache cache,
            Origins origins,
            Forwardings forwardings,
            PendingWrites pending,
            MinimumRate rate,
            RequestEvents events,
            Tracing tracing,
            @Nullable CacheDebug debug) {
        this.debug = debug;
        this.events = events;
        this.tracing = tracing;
        this.observes = events.isOn() || tracing.hasSpans();
        this.observer = new RequestObserver(events, forwardings, tracing);
        this.pending = pending;
        this.rate = rate;
        this.cache = cache;
        this.origins = origins;
        this.forwardings = forwardings;
    }

    /** Reports the requests that Jetty reads, if they are reported; a {@link DirectRequest} reports itself. */
    Optional<RequestLog> observer() {
        return observes ? Optional.of(observer) : Optional.empty();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        ServerContent content = ServerContent.of(request, rate);
        Forwarding forwarding = forwardings.of(request.isSecure());
        Headers received = JettyHeaders.of(request);
        Headers headers = forwarding.accepted(() -> peer(request), received);
        Target target = forwarding.target(
                Request.getServerName(request),
                Request.getServerPort(request),
                request.getHttpURI().getPathQuery());
        CacheRequest asked =
                resolved(new RequestHead(request.getMethod(), target, headers, content != null), () -> peer(request));
        if (leavesPrefix(asked)) {
            Response.writeError(request, response, callback, HttpStatus.BAD_REQUEST_400);
            return true;
        }
        Content body = content == null ? Content.empty() : content;
        Observation observation = observes ? new Observation(asked, tracing, request.getHeadersNanoTime()) : null;
        JettyResponse sent = new JettyResponse(content, response, observer.observe(request, observation, callback));
        EndPoint client = request.getConnectionMetaData().getConnection().getEndPoint();
        CompletableFuture<Answer> answer = explained(
                        received,
                        asked,
                        cache.serve(
                                asked,
                                body,
                                toOrigin(asked, () -> peer(request), client, headers, forwarding, observation),
                                interim(request, response),
                                lookup(observation)))
                .toCompletableFuture();
        if (answer.isDone()) {
            AnswerSender.send(known(answer.join(), observation), pending, sent);
        } else {
            request.addIdleTimeoutListener(timeout -> false); // the timeouts of the origin apply instead
            answer.thenAccept(ready -> AnswerSender.sendOrFail(known(ready, observation), pending, sent));
        }
        return true;
    }

    /** The answer, with the field Cache-Debug if the request asks for it with a valid token. */
    private CompletionStage<Answer> explained(Headers received, CacheRequest asked, CompletionStage<Answer> answer) {
        return debug == null || !debug.isAsked(received) ? answer : answer.thenApply(it -> debug.explained(asked, it));
    }

    private static Answer known(Answer answer, @Nullable Observation observation) {
        return observation == null ? answer : observation.answered(answer);
    }

    /** Resolves a request that {@link HitConnection} has read. */
    HitConnection.Resolved resolve(SimpleRequest request, EndPoint client) {
        long begun = observes ? System.nanoTime() : 0;
        Forwarding forwarding = forwardings.of(client.isSecure());
        Headers headers = forwarding.accepted(client::getRemoteSocketAddress, request.headers());
        Target target = forwarding.target(request.host(), request.target());
        RequestHead head = new RequestHead(request.method(), target, headers, request.length() > 0);
        CacheRequest asked = resolved(head, client::getRemoteSocketAddress);
        return new DirectRequest(asked, request, client, forwarding, begun);
    }

    /** A request without a Jetty request. */
    private final class DirectRequest implements HitConnection.Resolved {
        private final CacheRequest asked;
        private final SimpleRequest request;
        private final EndPoint client;
        private final Forwarding forwarding;
        private final @Nullable Observation observation;

        DirectRequest(CacheRequest asked, SimpleRequest request, EndPoint client, Forwarding forwarding, long begun) {
            this.asked = asked;
            this.request = request;
            this.client = client;
            this.forwarding = forwarding;
            this.observation = observes ? new Observation(asked, tracing, begun) : null;
        }

        @Override
        public @Nullable Answer hit() {
            if (debug != null && debug.isAsked(request.headers())) {
                return null;
            }
            Answer hit = cache.hit(asked);
            return hit == null || observation == null ? hit : observation.hit(hit);
        }

        @Override
        public @Nullable CompletionStage<Answer> serve(ByteBuffer content, Interim interim) {
            if (leavesPrefix(asked)) {
                return null;
            }
            Headers headers = asked.head().headers();
            Origin origin = toOrigin(asked, client::getRemoteSocketAddress, client, headers, forwarding, observation);
            CompletionStage<Answer> answer = explained(
                    request.headers(),
                    asked,
                    cache.serve(
                            asked,
                            content.hasRemaining() ? Content.of(content) : Content.empty(),
                            origin,
                            interim,
                            lookup(observation)));
            return observation == null ? answer : answer.thenApply(observation::answered);
        }

        @Override
        public void sent(int status, long bytes, boolean complete) {
            if (observation != null) {
                events.answered(observation.ended(
                        forwarding.client(
                                client.getRemoteSocketAddress(), asked.head().headers()),
                        request.http10() ? "HTTP/1.0" : "HTTP/1.1",
                        status,
                        bytes,
                        complete));
            }
        }
    }

    private boolean leavesPrefix(CacheRequest asked) {
        return asked.site() != null && !asked.treatment().answers() && origins.leavesPrefix(asked);
    }

    private CacheRequest resolved(RequestHead head, Supplier<SocketAddress> peer) {
        return cache.resolve(head, () -> forwardings.client(peer.get(), head.headers()), origins.only());
    }

    private Origin toOrigin(
            CacheRequest asked,
            Supplier<SocketAddress> peer,
            EndPoint client,
            Headers accepted,
            Forwarding forwarding,
            @Nullable Observation observation) {
        return (head, content, exchange) -> {
            OriginTracing traced = OriginTracing.NO_SPANS;
            if (observation != null) {
                observation.fetched(exchange);
                traced = observation.traced().fetches();
            }
            Forwarding.Added added = forwarding.added(peer.get(), accepted);
            origins.fetch(
                    asked,
                    head,
                    content,
                    exchange,
                    added,
                    client,
                    () -> forwarding.client(peer.get(), accepted),
                    traced);
        };
    }

    private static Consumer<Decision> lookup(@Nullable Observation observation) {
        return observation == null
                ? TracedRequest.NO_SPANS.lookup()
                : observation.traced().lookup();
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
