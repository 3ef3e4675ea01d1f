package io.cachingproxy.policy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lifetimes that rules set in place of the origin's; null where they leave the origin's.
 *
 * @param ttl how long a response is fresh from its receipt, whatever its Cache-Control and Expires say
 * @param ttlForErrors whether {@code ttl} also holds for error statuses, because the rule names the status
 * @param ttlForStreams whether {@code ttl} also holds for streams, which may never end, because the rule names the content type
 * @param minTtl the shortest freshness lifetime, counted from receipt
 * @param maxTtl the longest freshness lifetime, counted from receipt
 * @param whileRevalidating how long after its lifetime a response may be served while it is validated (RFC 5861 §3),
 *     also where the origin says {@code must-revalidate}
 * @param ifError how long after its lifetime a response may be served in place of an error (RFC 5861 §4), likewise
 */
public record Lifetimes(
        @Nullable Duration ttl,
        boolean ttlForErrors,
        boolean ttlForStreams,
        @Nullable Duration minTtl,
        @Nullable Duration maxTtl,
        @Nullable Duration whileRevalidating,
        @Nullable Duration ifError) {
    /** Leaves every lifetime as the origin gave it. */
    public static final Lifetimes OF_ORIGIN = new Lifetimes(null, false, false, null, null, null, null);
}
