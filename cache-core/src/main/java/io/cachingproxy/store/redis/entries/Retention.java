package io.cachingproxy.store.redis.entries;

import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.redis.link.Bounds;
import java.time.Duration;
import java.time.Instant;

/**
 * How long Redis keeps a stored response: its freshness lifetime, the time in which it may be served stale, and a
 * period in which it can still be validated or replace an error of an unreachable origin; at most 30 days.
 */
final class Retention {
    private static final Duration TO_VALIDATE = Duration.ofDays(1);
    private static final Duration TO_STAND_IN = Duration.ofHours(1);

    private Retention() {}

    static Duration of(StoredResponse response, Instant now) {
        Freshness freshness = response.freshness();
        Duration stale =
                larger(freshness.stale().whileRevalidating(), freshness.stale().ifError());
        Duration after = response.hasValidator() ? TO_VALIDATE : TO_STAND_IN;
        Duration all = larger(freshness.ttl(now), Duration.ZERO).plus(stale).plus(after);
        return all.compareTo(Bounds.RETENTION) > 0 ? Bounds.RETENTION : all;
    }

    private static Duration larger(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
