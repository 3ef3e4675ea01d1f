package io.cachingproxy.origin;

import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.FieldClass;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * A request that has passed the concurrency limiter, with the exchange for its response.
 *
 * @param host the value of Host; null: the authority of the origin's URL
 * @param client the client connection, whose selector preferably reads the response; null: none
 * @param attempt receives the outcome before the exchange does
 * @param end runs once, when the request no longer uses the origin
 */
record Fetch(
        RequestHead request,
        Content body,
        Exchange exchange,
        AddedFields added,
        @Nullable String host,
        @Nullable EndPoint client,
        Attempt attempt,
        Runnable end) {
    /** Request fields that the proxy replaces with its own. */
    private static final Set<String> OWN = Set.of("host", "expect", "content-length");

    private static final Set<String> CONTENT_LENGTH = Set.of("content-length");

    /** Methods that may be repeated when a kept connection turns out to be closed (RFC 9110 §9.2.2). */
    private static final Set<String> IDEMPOTENT =
            Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY", "PROPFIND");

    /** The request fields to send, without Host and the framing fields. */
    Headers fields() {
        Headers headers = request.headers()
                .filter((name, value) -> !isOwn(name) && !FieldClass.of(name).isOfProxies());
        return headers.plus(added.fields());
    }

    private static boolean isOwn(String name) {
        return switch (name.length()) {
            case 4, 6, 14 -> OWN.contains(name.toLowerCase(Locale.ROOT));
            default -> false;
        };
    }

    /** The response head for the exchange. */
    ResponseHead response(int status, Headers headers) {
        Headers selected = added.selected(headers);
        return new ResponseHead(status, status == 204 ? selected.without(CONTENT_LENGTH) : selected); // RFC 9110 §8.6
    }

    /**
     * Ends the exchange with a failure, unless the request is retried on another server.
     *
     * @param slowClient as in {@link Attempt#failed}
     * @param leave ends the use of this server; always called, even after an exception
     */
    void fail(OriginException fault, Attempt.Progress progress, boolean slowClient, Runnable leave) {
        boolean elsewhere = false;
        try {
            elsewhere = attempt.failed(fault, progress, slowClient);
            if (!elsewhere) {
                exchange.onFailure(fault);
            }
        } finally {
            leave.run();
        }
        if (elsewhere) {
            attempt.retry();
        }
    }

    /** Whether the client waits for 100 before it sends the content (RFC 9110 §10.1.1). */
    boolean expectsContinue() {
        return request.hasBody() && request.headers().hasMember("Expect", "100-continue");
    }

    /** Ends the exchange of a request that cannot be serialized. */
    void unsendable(RuntimeException cause) {
        exchange.onFailure(new OriginException(OriginException.Kind.FAILED, "the request cannot be sent", cause));
        end.run();
    }

    /** Whether the request may be retried after its connection broke before any byte of a response. */
    boolean isRepeatable() {
        return isRepeatable(request);
    }

    /** Whether the method is idempotent (RFC 9110 §9.2.2), and there is no content that could not be sent again. */
    static boolean isRepeatable(RequestHead request) {
        return !request.hasBody() && IDEMPOTENT.contains(request.method());
    }
}
