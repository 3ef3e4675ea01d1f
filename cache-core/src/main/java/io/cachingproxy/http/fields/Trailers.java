package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;
import java.util.Set;

/**
 * Removes fields that a trailer section must not have (RFC 9110 §6.5.1): a recipient that merges trailers into the head
 * would read another message.
 */
public final class Trailers {
    /** Framing, routing, authentication, cache control and content format, and the fields of caches. */
    private static final Set<String> OF_THE_HEAD = Set.of(
            "age",
            "authorization",
            "cache-control",
            "cache-debug",
            "cache-status",
            "cdn-cache-control",
            "content-encoding",
            "content-length",
            "content-location",
            "content-range",
            "content-type",
            "cookie",
            "date",
            "expect",
            "expires",
            "host",
            "location",
            "max-forwards",
            "pragma",
            "range",
            "retry-after",
            "set-cookie",
            "surrogate-control",
            "vary",
            "via",
            "warning",
            "www-authenticate",
            "x-cache");

    private Trailers() {}

    /** A copy without these and without hop-by-hop fields. */
    public static Headers permitted(Headers trailers) {
        return trailers.isEmpty() ? trailers : HopByHop.strip(trailers).without(OF_THE_HEAD);
    }
}
