package io.cachingproxy.rules;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.syntax.FieldValues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The time that clients may keep a response. Their caches include its age, so {@code max-age} is the sum of the age and
 * this time (RFC 9111 §4.2).
 */
record BrowserTtl(Duration ttl) {
    private static final Set<String> LIFETIMES = Set.of("expires", "pragma", "cache-control");

    /** Directives of the origin that are kept in the response to clients. */
    private static final List<String> KEPT = List.of("private", "no-transform");

    /** Statuses of responses that are changed; errors and responses without freshness are not. */
    private static boolean concerns(int status) {
        return status < 400 || status == 404 || status == 410;
    }

    /**
     * The headers of the response to the client.
     *
     * @param personal whether the request had credentials: unless the origin permits sharing explicitly, the response
     *     is then private to this client, for caches in between
     */
    Headers apply(ResponseHead head, boolean personal) {
        if (!concerns(head.status())) {
            return head.headers();
        }
        List<String> directives = new ArrayList<>();
        for (String directive : KEPT) {
            if (head.cacheControl().has(directive)) {
                directives.add(directive);
            }
        }
        boolean forOne = head.headers().contains("Set-Cookie") || (personal && !isShared(head));
        if (forOne && !directives.contains("private")) {
            directives.add("private");
        }
        if (ttl.isZero()) {
            directives.add("no-cache");
        } else {
            directives.add("max-age=" + (age(head.headers()) + ttl.toSeconds()));
        }
        return head.headers().without(LIFETIMES).plus("Cache-Control", String.join(", ", directives));
    }

    /** Whether the origin lets caches share the response without validation. */
    private static boolean isShared(ResponseHead head) {
        CacheControl control = head.cacheControl();
        boolean forbidden = Stream.of("no-store", "no-cache", "private").anyMatch(control::has);
        boolean allowed = control.has("public") || isPositive(control.sMaxAge()) || isPositive(control.maxAge());
        return allowed && !forbidden;
    }

    private static boolean isPositive(@Nullable Duration lifetime) {
        return lifetime != null && !lifetime.isZero();
    }

    private static long age(Headers headers) {
        String value = headers.first("Age");
        Long seconds = value == null ? null : FieldValues.number(value.strip(), CacheControl.MAX_DELTA.toSeconds());
        return seconds == null ? 0 : seconds;
    }
}
