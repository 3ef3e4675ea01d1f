package io.cachingproxy;

import io.cachingproxy.policy.Reason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a request was handled, as the Cache-Status field says it (RFC 9211).
 *
 * @param parameters everything after the name of the cache
 */
record CacheStatus(String parameters) {
    /** Answered from the store: {@code hit; ttl=…}, negative once stale. */
    static CacheStatus hit(Duration ttl, @Nullable Reason detail) {
        return new CacheStatus("; hit; ttl=" + Math.floorDiv(ttl.toMillis(), 1000L) + detail(detail));
    }

    /**
     * Forwarded, and answered with {@code status}.
     *
     * @param detail why the response was not stored; without one, the detail is why the request was forwarded, where the
     *     {@code fwd} token does not say it
     */
    static CacheStatus forwarded(Reason why, int status, boolean stored, boolean collapsed, @Nullable Reason detail) {
        Reason told = detail == null && !token(why).equals(why.token()) ? why : detail;
        return new CacheStatus("; fwd=" + token(why) + "; fwd-status=" + status + (stored ? "; stored" : "")
                + (collapsed ? "; collapsed" : "") + detail(told));
    }

    /** Neither answered from the store nor by the origin. */
    static CacheStatus failed(@Nullable Reason forwarded, Reason detail) {
        return new CacheStatus((forwarded == null ? "" : "; fwd=" + token(forwarded)) + detail(detail));
    }

    private static String detail(@Nullable Reason reason) {
        return reason == null ? "" : "; detail=" + reason.token();
    }

    /** The {@code fwd} token (RFC 9211 §2.2). */
    private static String token(Reason why) {
        return switch (why) {
            case METHOD -> "method";
            case URI_MISS -> "uri-miss";
            case VARY_MISS -> "vary-miss";
            case STALE, RESPONSE_NO_CACHE -> "stale";
            case REQUEST_NO_CACHE, REQUEST_MAX_AGE, REQUEST_MIN_FRESH -> "request";
            case PARTIAL -> "partial";
            default -> "bypass";
        };
    }

    /** The field value with this cache's name in front. */
    String field(String name) {
        return name + parameters;
    }
}
