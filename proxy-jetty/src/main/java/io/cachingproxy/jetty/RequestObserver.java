package io.cachingproxy.jetty;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.Exchange;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.RequestEvents;
import io.cachingproxy.jetty.front.Forwarding;
import io.cachingproxy.jetty.front.Forwardings;
import io.cachingproxy.net.JettyHeaders;
import java.net.SocketAddress;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Reports the requests that Jetty has answered, including those that never reach a handler because they are malformed. */
final class RequestObserver implements RequestLog {
    private static final String ATTRIBUTE = RequestObserver.class.getName();

    private final RequestEvents events;
    private final Forwardings forwardings;

    RequestObserver(RequestEvents events, Forwardings forwardings) {
        this.events = events;
        this.forwardings = forwardings;
    }

    /** The parts of an exchange that Jetty does not know. The callback ends the exchange. */
    static final class Observed extends Callback.Nested {
        private final CacheRequest request;
        private volatile @Nullable Answer answer;
        private volatile @Nullable Exchange fetch;
        private volatile long headAt;
        private volatile boolean broken;

        private Observed(CacheRequest request, Callback callback) {
            super(callback);
            this.request = request;
        }

        /** The answer is known, and sent from now on. */
        void answered(Answer value) {
            headAt = System.nanoTime();
            answer = value;
        }

        /** The request is sent to the origin. */
        void fetched(Exchange exchange) {
            fetch = exchange;
        }

        @Override
        public void failed(Throwable cause) {
            broken = true;
            super.failed(cause);
        }

        private int attempts() {
            Exchange exchange = fetch;
            return exchange == null ? 0 : exchange.attempts();
        }

        private CacheListener.@Nullable OriginTime origin(@Nullable CacheStatus status) {
            Exchange exchange = fetch;
            boolean forwarded = status != null && status.forwarded() != null && !status.collapsed();
            return forwarded && exchange != null ? exchange.originTime() : null;
        }
    }

    /** Observes a request to the cache; null without a listener. */
    @Nullable
    Observed observe(Request request, CacheRequest cached, Callback callback) {
        if (!events.isOn()) {
            return null;
        }
        Observed observed = new Observed(cached, callback);
        request.setAttribute(ATTRIBUTE, observed);
        return observed;
    }

    @Override
    public void log(Request request, Response response) {
        Observed observed = request.getAttribute(ATTRIBUTE) instanceof Observed known ? known : null;
        Answer answer = observed == null ? null : observed.answer;
        CacheStatus status = answer == null ? null : answer.status();
        SocketAddress peer = request.getConnectionMetaData().getRemoteSocketAddress();
        Forwarding forwarding = forwardings.of(request.isSecure());
        Headers headers = observed == null
                ? forwarding.accepted(() -> peer, JettyHeaders.of(request))
                : observed.request.head().headers();
        long begun = request.getHeadersNanoTime();
        long end = System.nanoTime();
        long total = Math.max(0, end - begun);
        events.answered(new AnsweredRequest(
                forwarding.client(peer, headers),
                request.getConnectionMetaData().getHttpVersion().asString(),
                String.valueOf(request.getMethod()),
                observed == null
                        ? target(request, forwarding)
                        : observed.request.head().target(),
                headers,
                observed == null ? null : observed.request,
                response.getStatus(),
                status,
                answer == null ? Headers.EMPTY : answer.head().headers(),
                Response.getContentBytesWritten(response),
                observed == null || !observed.broken,
                observed == null || answer == null ? total : Math.max(0, observed.headAt - begun),
                total,
                end,
                observed == null ? 0 : observed.attempts(),
                observed == null ? null : observed.origin(status)));
    }

    private static Target target(Request request, Forwarding forwarding) {
        String host = Request.getServerName(request);
        String path = request.getHttpURI().getPathQuery();
        return forwarding.target(host == null ? "" : host, Request.getServerPort(request), path == null ? "" : path);
    }
}
