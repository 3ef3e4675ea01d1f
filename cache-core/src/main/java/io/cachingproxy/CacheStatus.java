package io.cachingproxy;

import io.cachingproxy.policy.Reason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a request was handled, as reported in the Cache-Status field (RFC 9211).
 *
 * @param hit whether the answer is a stored response
 * @param ttl the remaining freshness lifetime, negative if stale; zero without a hit
 * @param forwarded why the request was forwarded; null if it was not
 * @param originStatus the status of the origin's response; 0 without one
 * @param stored whether the response is being stored
 * @param collapsed whether the request was coalesced onto the fetch of another one
 * @param detail why the response was not stored or is stale, or why the request was forwarded, where the {@code fwd}
 *     token does not express it; null without one
 */
public record CacheStatus(
        boolean hit,
        Duration ttl,
        @Nullable Reason forwarded,
        int originStatus,
        boolean stored,
        boolean collapsed,
        @Nullable Reason detail) {
    /** The status of an answer from the store. */
    static CacheStatus hit(Duration ttl, @Nullable Reason detail) {
        return new CacheStatus(true, ttl, null, 0, false, false, detail);
    }

    /** The status of a forwarded request that was answered with {@code status}. */
    static CacheStatus forwarded(Reason why, int status, boolean stored, boolean collapsed, @Nullable Reason detail) {
        Reason told = detail == null && !token(why).equals(why.token()) ? why : detail;
        return new CacheStatus(false, Duration.ZERO, why, status, stored, collapsed, told);
    }

    /** The status of a request answered neither from the store nor by the origin. */
    static CacheStatus failed(@Nullable Reason forwarded, Reason detail) {
        return new CacheStatus(false, Duration.ZERO, forwarded, 0, false, false, detail);
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

    /**
     * The field value.
     *
     * @param cache the name of the cache
     */
    public String field(String cache) {
        StringBuilder field = new StringBuilder(64).append(cache);
        if (hit) {
            field.append("; hit; ttl=").append(Math.floorDiv(ttl.toMillis(), 1000L));
        }
        if (forwarded != null) {
            field.append("; fwd=").append(token(forwarded));
        }
        if (originStatus != 0) {
            field.append("; fwd-status=").append(originStatus);
        }
        field.append(stored ? "; stored" : "").append(collapsed ? "; collapsed" : "");
        return detail == null
                ? field.toString()
                : field.append("; detail=").append(detail.token()).toString();
    }
}
