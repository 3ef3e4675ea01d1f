package io.cachingproxy.policy;

import java.time.Duration;

/**
 * What an operator may choose: how far the cache goes beyond RFC 9111.
 *
 * @param name as {@code --policy} takes it
 * @param defaultTtl how long a 200 to a GET without a word about freshness is kept; zero: as the RFC says
 * @param override whether {@code defaultTtl} holds for every 200 to a GET, whatever the origin says
 * @param storesSetCookie whether Set-Cookie leaves storability alone, as in the RFC
 */
public record Policy(String name, Duration defaultTtl, boolean override, boolean storesSetCookie) {
    public static final Duration DEFAULT_TTL = Duration.ofSeconds(300);

    /**
     * RFC 9111 as a shared cache, and two deviations: a 200 to a GET with no word about freshness is kept for {@code
     * defaultTtl}, and a response with Set-Cookie is not stored.
     */
    public static Policy standard(Duration defaultTtl) {
        return new Policy("standard", defaultTtl, false, false);
    }

    /** RFC 9111 as a shared cache, exactly. */
    public static Policy rfc9111() {
        return new Policy("rfc9111", Duration.ZERO, false, true);
    }

    /** Keeps every 200 to a GET for {@code ttl}, except where the request carries Authorization or Cookie. */
    public static Policy override(Duration ttl) {
        return new Policy("override", ttl, true, true);
    }
}
