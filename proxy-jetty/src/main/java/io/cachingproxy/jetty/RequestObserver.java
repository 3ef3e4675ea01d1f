package io.cachingproxy.jetty;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.RequestEvents;
import io.cachingproxy.jetty.front.Forwarding;
import io.cachingproxy.jetty.front.Forwardings;
import io.cachingproxy.jetty.tracing.TracedRequest;
import io.cachingproxy.jetty.tracing.Tracing;
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
    private final Tracing tracing;

    RequestObserver(RequestEvents events, Forwardings forwardings, Tracing tracing) {
        this.events = events;
        this.forwardings = forwardings;
        this.tracing = tracing;
    }

    /** The callback of an exchange, which ends it. */
    private static final class Ending extends Callback.Nested {
        private final Observation observation;
        private volatile boolean broken;

        private Ending(Observation observation, Callback callback) {
            super(callback);
            this.observation = observation;
        }

        @Override
        public void failed(Throwable cause) {
            broken = true;
            super.failed(cause);
        }
    }

    /**
     * Observes the end of a request.
     *
     * @param observation null without a listener
     * @return the callback in place of {@code callback}
     */
    Callback observe(Request request, @Nullable Observation observation, Callback callback) {
        if (observation == null) {
            return callback;
        }
        Ending ending = new Ending(observation, callback);
        request.setAttribute(ATTRIBUTE, ending);
        return ending;
    }

    @Override
    public void log(Request request, Response response) {
        SocketAddress peer = request.getConnectionMetaData().getRemoteSocketAddress();
        Forwarding forwarding = forwardings.of(request.isSecure());
        String protocol = request.getConnectionMetaData().getHttpVersion().asString();
        long bytes = Response.getContentBytesWritten(response);
        if (request.getAttribute(ATTRIBUTE) instanceof Ending ending) {
            Observation observation = ending.observation;
            events.answered(observation.ended(
                    forwarding.client(peer, observation.request().head().headers()),
                    protocol,
                    response.getStatus(),
                    bytes,
                    !ending.broken));
        } else {
            unresolved(request, response, forwarding, peer, bytes);
        }
    }

    /** A request that never reached the cache: its span begins and ends here. */
    private void unresolved(Request request, Response response, Forwarding forwarding, SocketAddress peer, long bytes) {
        Headers headers = forwarding.accepted(() -> peer, JettyHeaders.of(request));
        long end = System.nanoTime();
        long total = Math.max(0, end - request.getHeadersNanoTime());
        RequestHead head = new RequestHead(String.valueOf(request.getMethod()), target(request, forwarding), headers);
        TracedRequest traced = tracing.begin(head, end - total);
        AnsweredRequest answered = new AnsweredRequest(
                forwarding.client(peer, headers),
                request.getConnectionMetaData().getHttpVersion().asString(),
                head.method(),
                head.target(),
                headers,
                null,
                response.getStatus(),
                null,
                Headers.EMPTY,
                bytes,
                true,
                total,
                total,
                end,
                0,
                null,
                traced.traceId());
        traced.ended(answered);
        events.answered(answered);
    }

    private static Target target(Request request, Forwarding forwarding) {
        String host = Request.getServerName(request);
        String path = request.getHttpURI().getPathQuery();
        return forwarding.target(host == null ? "" : host, Request.getServerPort(request), path == null ? "" : path);
    }
}
