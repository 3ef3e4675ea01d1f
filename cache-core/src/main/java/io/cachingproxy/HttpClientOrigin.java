package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.fields.FieldClass;
import io.cachingproxy.http.fields.HopByHop;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An {@link Origin} on the HTTP client of the Java platform. A request goes to the scheme and authority of its target;
 * contents are streamed in both directions with back-pressure.
 *
 * <pre>{@code
 * Origin origin = HttpClientOrigin.of(HttpClient.newHttpClient());
 * }</pre>
 *
 * <p>Failures are {@link OriginException}s: {@code TIMEOUT} if no connection is established or the origin is silent for too
 * long, {@code CLIENT} if the content of the request is incomplete or the response has no reader, else {@code FAILED}.
 *
 * <p>Failures are logged at level DEBUG, with their causes.
 *
 * <p>Limits of the platform's client: it passes on neither interim responses nor trailers, sends a User-Agent of its own
 * where the request has none, cannot send {@code OPTIONS *} nor a target that is not a URI of RFC 2396, and sends
 * characters of field values above 127 as {@code ?}. Fields that only a proxy ahead may set, such as X-Forwarded-For, are
 * not sent: they are not part of the key. Over {@code http://} it asks for HTTP/2 unless it is built with {@code
 * version(HTTP_1_1)}.
 */
public final class HttpClientOrigin implements Origin {
    /** Default longest silence of the origin: 60 s. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    /** Fields that the platform's client sets itself or derives from the connection. */
    private static final Set<String> OWN = Set.of("host", "expect", "content-length");

    private static final Logger LOG = LoggerFactory.getLogger(HttpClientOrigin.class);

    private final HttpClient client;
    private final Duration timeout;

    private HttpClientOrigin(HttpClient client, Duration timeout) {
        this.client = client;
        this.timeout = timeout;
    }

    /**
     * Creates an origin on {@code client}, which the caller keeps and closes. Its connect timeout, TLS settings, proxy
     * and executor are used.
     *
     * @throws IllegalArgumentException if the client follows redirects, or has a cookie handler or an authenticator:
     *     the cache would share responses to requests that it does not see
     */
    public static HttpClientOrigin of(HttpClient client) {
        check(client.followRedirects() == HttpClient.Redirect.NEVER, "must not follow redirects");
        check(client.cookieHandler().isEmpty(), "must not have a cookie handler");
        check(client.authenticator().isEmpty(), "must not have an authenticator");
        return new HttpClientOrigin(client, DEFAULT_TIMEOUT);
    }

    private static void check(boolean holds, String complaint) {
        if (!holds) {
            throw new IllegalArgumentException("the HTTP client of an origin " + complaint);
        }
    }

    /**
     * A copy with another timeout.
     *
     * @param value the longest silence of the origin, more than 0: until it accepts the next piece of the request, or
     *     sends the head or the next piece of the response. Time spent waiting for the client does not count.
     */
    public HttpClientOrigin withTimeout(Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException("the timeout is not positive: " + value);
        }
        return new HttpClientOrigin(client, value);
    }

    @Override
    public void fetch(RequestHead request, Content body, Exchange exchange) {
        exchange.onFault(
                fault -> LOG.debug("{} {} failed: {}", request.method(), request.target(), fault.sentence(), fault));
        Silence silence = new Silence(timeout);
        ContentPublisher content = request.hasBody() ? new ContentPublisher(body, silence) : null;
        HttpRequest sent;
        try {
            sent = message(request, content);
        } catch (IllegalArgumentException unsendable) {
            body.cancel();
            exchange.onFailure(
                    new OriginException(OriginException.Kind.FAILED, "the request cannot be sent", unsendable));
            return;
        }
        new HttpClientResponse(exchange, content, silence).fetch(client, sent);
    }

    private static HttpRequest message(RequestHead request, @Nullable ContentPublisher content) {
        String url = request.target().url();
        URI uri = URI.create(url);
        if (!uri.toASCIIString().equals(url) || uri.getHost() == null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("not a URI: " + request.target());
        }
        HttpRequest.Builder message = HttpRequest.newBuilder(uri).method(request.method(), body(request, content));
        Headers headers = HopByHop.strip(request.headers()).without(OWN);
        for (int i = 0; i < headers.size(); i++) {
            if (!FieldClass.of(headers.name(i)).isOfProxies()) {
                message.header(headers.name(i), headers.value(i));
            }
        }
        return message.build();
    }

    private static BodyPublisher body(RequestHead request, @Nullable ContentPublisher content) {
        if (content == null) {
            return BodyPublishers.noBody();
        }
        Long length = request.headers().contentLength();
        return length == null || length == 0
                ? BodyPublishers.fromPublisher(content)
                : BodyPublishers.fromPublisher(content, length);
    }
}
