package io.cachingproxy.jetty;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.HttpCache;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.jetty.front.Forwarding;
import io.cachingproxy.jetty.front.Forwardings;
import io.cachingproxy.jetty.front.RequestGuard;
import io.cachingproxy.jetty.purge.PurgeDialects;
import io.cachingproxy.origin.AddedFields;
import io.cachingproxy.origin.OriginTracing;
import io.cachingproxy.policy.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** The {@link Examination} of a proxy, by the same parts that {@link CachingHandler} uses. */
final class ProxyExamination implements Examination {
    private static final SocketAddress PEER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final HttpCache cache;
    private final Origins origins;
    private final Forwardings forwardings;
    private final boolean purges;

    /** @param purges whether purge requests are enabled */
    ProxyExamination(HttpCache cache, Origins origins, Forwardings forwardings, boolean purges) {
        this.cache = cache;
        this.origins = origins;
        this.forwardings = forwardings;
        this.purges = purges;
    }

    @Override
    public Received receive(RequestHead head) {
        String named = head.headers().first("Host");
        String host = named == null ? head.target().authority() : named;
        Headers sent = named == null ? Headers.of("Host", host).plus(head.headers()) : head.headers();
        Forwarding forwarding = forwarding(head);
        Headers accepted = forwarding.accepted(() -> PEER, sent);
        RequestHead received = new RequestHead(
                head.method(), forwarding.target(host, head.target().pathAndQuery()), accepted, hasContent(sent));
        InetAddress client = forwarding.client(PEER, accepted);
        CacheRequest request = cache.resolve(received, () -> client, origins.only());
        return new Received(request, client, refused(request, sent));
    }

    @Override
    public Received received(RequestHead head, @Nullable InetAddress client) {
        return new Received(cache.resolve(head, () -> client, origins.only()), client, OptionalInt.empty());
    }

    private Forwarding forwarding(RequestHead head) {
        return forwardings.of(head.target().scheme().equals("https"));
    }

    private static boolean hasContent(Headers headers) {
        Long length = headers.contentLength();
        return headers.contains("Transfer-Encoding") || (length != null && length > 0);
    }

    private OptionalInt refused(CacheRequest request, Headers sent) {
        RequestHead head = request.head();
        if (head.method().equals("CONNECT")) {
            return OptionalInt.of(HttpStatus.NOT_IMPLEMENTED_501);
        }
        if (!purges && PurgeDialects.METHODS.contains(head.method())) {
            return OptionalInt.of(HttpStatus.METHOD_NOT_ALLOWED_405);
        }
        boolean unframed = sent.contains("Content-Length") && sent.contentLength() == null;
        boolean climbs = request.site() != null && !request.treatment().answers() && origins.leavesPrefix(request);
        return unframed
                        || climbs
                        || !RequestGuard.isForwardable(
                                head.method(), head.target().pathAndQuery())
                ? OptionalInt.of(HttpStatus.BAD_REQUEST_400)
                : OptionalInt.empty();
    }

    @Override
    public CompletionStage<ResponseHead> fetch(Received received, CompletionStage<?> abandoned) {
        CacheRequest request = received.request();
        RequestHead asked = request.head();
        if (!asked.isSafe() || PurgeDialects.METHODS.contains(asked.method())) {
            return failed(asked.method() + " is not sent to the origin: it may have effects there");
        }
        if (asked.hasBody() || received.refused().isPresent()) {
            return failed("the request is not sent to the origin");
        }
        Forwarding forwarding = forwarding(asked);
        Recorded added = new Recorded(forwarding.added(PEER, asked.headers()));
        Origin origin = (head, content, exchange) -> {
            abandoned.thenRun(exchange::cancel);
            origins.fetch(request, head, content, exchange, added, null, received::client, OriginTracing.NO_SPANS);
        };
        return cache.forward(request, Content.empty(), origin).thenCompose(answer -> {
            answer.content().cancel();
            return abandoned.toCompletableFuture().isDone()
                    ? failed("the request to the origin was cancelled")
                    : head(request, answer, added);
        });
    }

    private CompletionStage<ResponseHead> head(CacheRequest request, Answer answer, Recorded added) {
        Headers headers = added.response;
        Reason detail = answer.status().detail();
        if (headers == null || detail == Reason.ORIGIN_FAILED || detail == Reason.ORIGIN_TIMEOUT) {
            return failed("the origin " + origins.name(request) + " does not answer: the proxy answers "
                    + answer.head().status());
        }
        return CompletableFuture.completedFuture(new ResponseHead(answer.head().status(), headers));
    }

    private static CompletionStage<ResponseHead> failed(String why) {
        return CompletableFuture.failedFuture(new IOException(why));
    }

    /** Records the fields of the response as they reach the cache. */
    private static final class Recorded implements AddedFields {
        private final AddedFields added;
        private volatile @Nullable Headers response;

        Recorded(AddedFields added) {
            this.added = added;
        }

        @Override
        public Headers fields() {
            return added.fields();
        }

        @Override
        public Headers selected(Headers fields) {
            Headers selected = added.selected(fields);
            response = selected;
            return selected;
        }
    }
}
