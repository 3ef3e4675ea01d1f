package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.ResponseHead;
import java.time.Duration;
import java.util.List;

/**
 * What an operator may choose: how far the cache goes beyond RFC 9111.
 *
 * @param name as {@code --policy} takes it
 * @param defaultTtl how long a 200 to a GET without a word about freshness is kept; zero: as the RFC says
 * @param override whether {@code defaultTtl} holds for every 200 to a GET, whatever the origin says
 * @param storesSetCookie whether Set-Cookie leaves storability alone, as in the RFC
 * @param targets the targeted fields that this cache obeys, first one first (RFC 9213 §2.2)
 */
public record Policy(
        String name, Duration defaultTtl, boolean override, boolean storesSetCookie, List<String> targets) {
    public static final Duration DEFAULT_TTL = Duration.ofMinutes(5);

    /** What every cache in front of an origin obeys (RFC 9213 §3). */
    private static final List<String> CDN = List.of("CDN-Cache-Control");

    /**
     * RFC 9111 as a shared cache, and two deviations: a 200 to a GET with no word about freshness is kept for {@code
     * defaultTtl}, and a response with Set-Cookie is not stored.
     */
    public static Policy standard(Duration defaultTtl) {
        return new Policy("standard", defaultTtl, false, false, CDN);
    }

    /** RFC 9111 as a shared cache, exactly. */
    public static Policy rfc9111() {
        return new Policy("rfc9111", Duration.ZERO, false, true, CDN);
    }

    /** Keeps every 200 to a GET for {@code ttl}, except where the request carries Authorization or Cookie. */
    public static Policy override(Duration ttl) {
        return new Policy("override", ttl, true, true, List.of());
    }

    /** The same, obeying one more targeted field before the others: this cache's own, such as {@code Acme-Cache-Control}. */
    public Policy obeying(String field) {
        List<String> more = new java.util.ArrayList<>();
        more.add(field);
        more.addAll(targets);
        return new Policy(name, defaultTtl, override, storesSetCookie, List.copyOf(more));
    }

    /** The same for a method other than GET: the default is for GET only. */
    Policy forMethod(String method) {
        return method.equals("GET") || method.equals("HEAD") || override
                ? this
                : new Policy(name, Duration.ZERO, false, storesSetCookie, targets);
    }

    /** The directives that count for this cache, and whether they leave Expires a say (RFC 9213 §2.2). */
    Control control(ResponseHead response) {
        CacheControl targeted = targets.isEmpty() ? null : TargetedControl.of(response.headers(), targets);
        return targeted == null ? new Control(response.cacheControl(), true) : new Control(targeted, false);
    }

    /** The directives of a response, as one cache sees them. */
    record Control(CacheControl directives, boolean expiresCounts) {}
}
