package io.cachingproxy.testkit;

import io.cachingproxy.http.Headers;
import io.cachingproxy.policy.Reason;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about what a cache did for a response, by its X-Cache, Cache-Status (RFC 9211) and Age. Of several caches on
 * the way, the last one counts, which is the nearest to the client.
 */
public final class CacheResponseAssert extends AbstractAssert<CacheResponseAssert, CacheResponseAssert.Seen> {
    /** A response as a client sees it, without its content. */
    public record Seen(int status, Headers headers) {
        @Override
        public String toString() {
            return status + ", X-Cache: " + headers.combined("X-Cache") + ", Cache-Status: "
                    + headers.combined("Cache-Status") + ", Age: " + headers.combined("Age");
        }
    }

    private final Map<String, String> cacheStatus;

    CacheResponseAssert(Seen actual) {
        super(actual, CacheResponseAssert.class);
        List<String> members = actual.headers().list("Cache-Status");
        cacheStatus = members.isEmpty() ? Map.of() : parameters(members.get(members.size() - 1));
    }

    private static Map<String, String> parameters(String member) {
        Map<String, String> parameters = new HashMap<>();
        String[] parts = member.split(";");
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].strip().split("=", 2);
            parameters.put(pair[0].toLowerCase(Locale.ROOT), pair.length == 1 ? "" : pair[1]);
        }
        return parameters;
    }

    /** The body came from the cache: fresh, stale, or validated by the origin. */
    public CacheResponseAssert isHit() {
        return check("HIT".equals(actual.headers().first("X-Cache")), "a hit");
    }

    /** The body came from the origin. */
    public CacheResponseAssert isMiss() {
        return check("MISS".equals(actual.headers().first("X-Cache")), "a miss");
    }

    /** The body came from the cache after the origin had confirmed it with a 304. */
    public CacheResponseAssert isRevalidated() {
        return isHit().check("304".equals(cacheStatus.get("fwd-status")), "validated by the origin");
    }

    /** The body came from the cache although its freshness lifetime has passed. */
    public CacheResponseAssert isStale() {
        Long ttl = number(cacheStatus.get("ttl"));
        return isHit().check(ttl != null && ttl < 0, "stale");
    }

    /** The request was answered by the response to a concurrent request. */
    public CacheResponseAssert isCoalesced() {
        return check(cacheStatus.containsKey("collapsed"), "coalesced");
    }

    /** The age of the response in seconds; one without Age has 0. */
    public CacheResponseAssert hasAge(long seconds) {
        Long age = number(actual.headers().first("Age"));
        return check((age == null ? 0 : age) == seconds, "of an age of " + seconds + " s");
    }

    /** The response is in the store: this request stored it, or found it there. */
    public CacheResponseAssert isStored() {
        return check(storedOrFound(), "stored");
    }

    /**
     * The response is a hit whose freshness lifetime is {@code seconds}, counted from age 0. A miss does not state its
     * lifetime: the second request does.
     */
    public CacheResponseAssert isStoredFor(long seconds) {
        Long ttl = number(cacheStatus.get("ttl"));
        Long age = number(actual.headers().first("Age"));
        check(ttl != null, "a hit, which states its lifetime (send the request again)");
        return check(
                ttl != null && ttl + (age == null ? 0 : age) == seconds, "stored with a lifetime of " + seconds + " s");
    }

    /** The response is a hit with this freshness lifetime; see {@link #isStoredFor(long)}. */
    public CacheResponseAssert isStoredFor(Duration lifetime) {
        return isStoredFor(lifetime.toSeconds());
    }

    /** The response came from the origin and was not stored. */
    public CacheResponseAssert isNotStored() {
        return check(!storedOrFound(), "not stored");
    }

    /** The response came from the origin and was not stored, for this reason. */
    public CacheResponseAssert isNotStored(Reason reason) {
        return isNotStored().check(hasReason(reason), "not stored because of " + reason.token());
    }

    /** The request was forwarded to the origin, for this reason. */
    public CacheResponseAssert isForwarded(Reason reason) {
        return check(cacheStatus.containsKey("fwd") && hasReason(reason), "forwarded because of " + reason.token());
    }

    /** The status code of the response. */
    public CacheResponseAssert hasStatus(int status) {
        return check(actual.status() == status, "of status " + status);
    }

    private boolean storedOrFound() {
        return cacheStatus.containsKey("hit")
                || cacheStatus.containsKey("stored")
                || "HIT".equals(actual.headers().first("X-Cache"));
    }

    private boolean hasReason(Reason reason) {
        String token = reason.token();
        return token.equals(cacheStatus.get("detail"))
                || Objects.equals(token, cacheStatus.get("fwd")) && !reasonIsStated(token);
    }

    /** Whether {@code detail} states another reason than {@code fwd} does. */
    private boolean reasonIsStated(String token) {
        String detail = cacheStatus.get("detail");
        return detail != null && !detail.equals(token);
    }

    private static @Nullable Long number(@Nullable String text) {
        try {
            return text == null ? null : Long.valueOf(text.strip());
        } catch (NumberFormatException notANumber) {
            return null;
        }
    }

    private CacheResponseAssert check(boolean holds, String expected) {
        if (!holds) {
            failWithMessage("%nExpecting response:%n  %s%nto be %s", actual, expected);
        }
        return this;
    }
}
