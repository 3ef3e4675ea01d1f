package io.cachingproxy.jetty;

import io.cachingproxy.Exchange;
import io.cachingproxy.Origin;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;

/**
 * The way to one origin, through Jetty's client: nothing is decoded, followed or added, and the target is the keyed one,
 * byte for byte. Host names the origin; what clients say of hosts and hops ahead of this one is dropped, since anyone
 * can say it and it is not part of the key.
 */
public final class OriginClient implements Origin {
    /** What a client may not tell the origin through us. */
    private static final Set<String> DROPPED = Set.of(
            "host",
            "expect",
            "content-length",
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-prefix",
            "x-forwarded-proto",
            "x-forwarded-server",
            "x-forwarded-scheme",
            "x-http-method-override",
            "x-http-method",
            "x-method-override",
            "x-original-url",
            "x-rewrite-url");

    /** Methods that may be repeated when a kept connection turns out to be closed (RFC 9110 §9.2.2). */
    private static final Set<String> IDEMPOTENT =
            Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY", "PROPFIND");

    private final HttpClient client;
    private final URI origin;
    private final Duration idleTimeout;

    /**
     * A way to {@code origin}.
     *
     * @param client started and stopped by its owner
     * @param origin scheme, host and port; a path is not used
     * @param idleTimeout how long the origin may be silent, before and within its response
     */
    public OriginClient(HttpClient client, URI origin, Duration idleTimeout) {
        this.client = client;
        this.origin = origin;
        this.idleTimeout = idleTimeout;
    }

    @Override
    public void fetch(RequestHead request, Content body, Exchange exchange) {
        boolean repeatable = !request.hasBody() && IDEMPOTENT.contains(request.method());
        send(request, body, exchange, repeatable);
    }

    private void send(RequestHead request, Content body, Exchange exchange, boolean mayRepeat) {
        OriginRequest sent = new OriginRequest(
                client, origin, request.method(), request.target().pathAndQuery());
        Headers headers = request.headers().without(DROPPED);
        sent.headers(fields -> {
            fields.clear();
            for (int i = 0; i < headers.size(); i++) {
                fields.add(headers.name(i), headers.value(i));
            }
        });
        RequestContent content = null;
        if (request.hasBody()) {
            content = new RequestContent(body, request.headers());
            sent.body(content);
        }
        sent.idleTimeout(idleTimeout.toMillis(), TimeUnit.MILLISECONDS);
        Runnable again = mayRepeat ? () -> send(request, body, exchange, false) : null;
        OriginResponse.receive(sent, exchange, content, again);
    }

    @Override
    public String toString() {
        return "OriginClient[" + origin.getScheme().toLowerCase(Locale.ROOT) + "://" + origin.getAuthority() + "]";
    }
}
