package io.cachingproxy.rules;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.FieldValues;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How long clients may keep a response. Their caches count its age in, so {@code max-age} is the age and this time together
 * (RFC 9111 §4.2).
 */
record BrowserTtl(Duration ttl) {
    private static final Set<String> LIFETIMES = Set.of("expires", "pragma", "cache-control");

    /** What of the origin's directives still holds for clients. */
    private static final List<String> KEPT = List.of("private", "no-transform");

    /** Errors, and what has no freshness of its own, stay as they are. */
    private static boolean concerns(int status) {
        return status < 400 || status == 404 || status == 410;
    }

    Headers apply(ResponseHead head) {
        if (!concerns(head.status())) {
            return head.headers();
        }
        List<String> directives = new ArrayList<>();
        for (String directive : KEPT) {
            if (head.cacheControl().has(directive)) {
                directives.add(directive);
            }
        }
        if (ttl.isZero()) {
            directives.add("no-cache");
        } else {
            directives.add("max-age=" + (age(head.headers()) + ttl.toSeconds()));
        }
        return head.headers().without(LIFETIMES).plus("Cache-Control", String.join(", ", directives));
    }

    private static long age(Headers headers) {
        String value = headers.first("Age");
        Long seconds = value == null ? null : FieldValues.number(value.strip(), CacheControl.MAX_DELTA.toSeconds());
        return seconds == null ? 0 : seconds;
    }
}
