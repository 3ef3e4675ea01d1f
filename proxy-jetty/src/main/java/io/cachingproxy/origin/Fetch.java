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
 * A request that has been admitted to the origin, and the exchange for what comes back.
 *
 * @param host the Host that the origin gets; null: its own
 * @param client the connection of the client that caused it, on whose thread the response is read best; null: there is none
 * @param attempt told what comes of it, before the exchange is
 * @param end run once when the origin has nothing to do with it any more
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
    /** Fields of a message to this proxy, in place of which it sends its own. */
    private static final Set<String> OWN = Set.of("host", "expect", "content-length");

    private static final Set<String> CONTENT_LENGTH = Set.of("content-length");

    /** Methods that may be repeated when a kept connection turns out to be closed (RFC 9110 §9.2.2). */
    private static final Set<String> IDEMPOTENT =
            Set.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY", "PROPFIND");

    /** The fields that are sent, but for Host and those of framing. */
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

    /** The head of the response, as the exchange gets it. */
    ResponseHead response(int status, Headers headers) {
        Headers selected = added.selected(headers);
        return new ResponseHead(status, status == 204 ? selected.without(CONTENT_LENGTH) : selected); // RFC 9110 §8.6
    }

    /**
     * Ends the exchange, unless the request goes to another server.
     *
     * @param slowClient as in {@link Attempt#failed}
     * @param leave ends the use of this one, whatever is thrown
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
            attempt.goElsewhere();
        }
    }

    /** Whether the client waits for 100 before it sends the content (RFC 9110 §10.1.1). */
    boolean expectsContinue() {
        return request.hasBody()
                && request.headers().list("Expect").stream().anyMatch(it -> it.equalsIgnoreCase("100-continue"));
    }

    /** Ends the exchange of a request that cannot be written. */
    void unsendable(RuntimeException cause) {
        exchange.onFailure(new OriginException(OriginException.Kind.FAILED, "the request cannot be sent", cause));
        end.run();
    }

    /** Whether it may be sent once more after a connection broke before any of a response came. */
    boolean isRepeatable() {
        return isRepeatable(request);
    }

    /** Whether a request may be sent again although a server may have acted on it (RFC 9110 §9.2.2), and can be. */
    static boolean isRepeatable(RequestHead request) {
        return !request.hasBody() && IDEMPOTENT.contains(request.method());
    }
}
