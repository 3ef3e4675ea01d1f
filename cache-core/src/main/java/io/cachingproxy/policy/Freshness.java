package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.FieldValues;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.HttpDate;
import io.cachingproxy.http.ResponseHead;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How long a stored response is fresh, and what it allows once it is stale (RFC 9111 §4.2, RFC 5861). All of it is
 * computed when the response arrives; later only the clock is asked.
 *
 * @param receivedAt when the response arrived, by the cache's clock
 * @param initialAge its age at that moment (RFC 9111 §4.2.3)
 * @param lifetime the freshness lifetime (RFC 9111 §4.2.1)
 * @param explicit whether the origin gave the lifetime, not a heuristic or a default
 * @param noCache whether each reuse must be validated first
 * @param mustRevalidate whether it must never be served stale
 * @param immutable whether a client that asks for a younger one cannot get another (RFC 8246)
 * @param whileRevalidating how long after its lifetime it may be served while it is validated
 * @param ifError how long after its lifetime it may be served in place of an error
 * @param overridden whether the override policy gave the lifetime, whatever the response says; such a response is stored
 *     for that policy only
 */
public record Freshness(
        Instant receivedAt,
        Duration initialAge,
        Duration lifetime,
        boolean explicit,
        boolean noCache,
        boolean mustRevalidate,
        boolean immutable,
        Duration whileRevalidating,
        Duration ifError,
        boolean overridden) {
    /** One that follows from what the response says. */
    public Freshness(
            Instant receivedAt,
            Duration initialAge,
            Duration lifetime,
            boolean explicit,
            boolean noCache,
            boolean mustRevalidate,
            boolean immutable,
            Duration whileRevalidating,
            Duration ifError) {
        this(
                receivedAt,
                initialAge,
                lifetime,
                explicit,
                noCache,
                mustRevalidate,
                immutable,
                whileRevalidating,
                ifError,
                false);
    }

    /** Final status codes that may be stored without explicit freshness (RFC 9110 §15.1). */
    private static final Set<Integer> HEURISTICALLY_CACHEABLE =
            Set.of(200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501);

    private static final int HEURISTIC_FRACTION = 10;
    private static final Duration HEURISTIC_MAX = Duration.ofDays(7);

    /** The freshness of a response to a GET or HEAD that was asked for at {@code requestedAt} and came at {@code now}. */
    public static Freshness of(Policy policy, ResponseHead response, Instant requestedAt, Instant now) {
        Headers headers = response.headers();
        Policy.Control counts = policy.control(response);
        CacheControl control = counts.directives();
        Instant date = date(headers, now);
        Duration initialAge = initialAge(headers, date, requestedAt, now);
        Duration explicit = explicitLifetime(headers, counts, date, now);
        if (policy.override() && response.status() == 200) {
            return new Freshness(
                    now,
                    Duration.ZERO,
                    policy.defaultTtl(),
                    true,
                    false,
                    false,
                    false,
                    Duration.ZERO,
                    Duration.ZERO,
                    true);
        }
        Duration lifetime = explicit != null ? explicit : defaultLifetime(policy, response, control, date, now);
        boolean mustRevalidate = control.has("must-revalidate")
                || control.has("proxy-revalidate")
                || control.has("s-maxage"); // RFC 9111 §5.2.2.10
        return new Freshness(
                now,
                initialAge,
                lifetime,
                explicit != null,
                control.noCache(),
                mustRevalidate,
                control.has("immutable"),
                orZero(control.seconds("stale-while-revalidate")),
                orZero(control.seconds("stale-if-error")));
    }

    /** Whether the origin says how long the response is fresh (RFC 9111 §4.2.1). */
    static boolean isExplicit(Policy policy, ResponseHead response) {
        Policy.Control counts = policy.control(response);
        return counts.directives().has("s-maxage")
                || counts.directives().has("max-age")
                || counts.expiresCounts() && response.headers().contains("Expires");
    }

    private static Duration orZero(@Nullable Duration duration) {
        return duration == null ? Duration.ZERO : duration;
    }

    /** A missing or invalid Date is the time of receipt (RFC 9110 §6.6.1). */
    private static Instant date(Headers headers, Instant now) {
        String value = headers.first("Date");
        Instant date = value == null ? null : HttpDate.parse(value, now);
        return date == null ? now : date;
    }

    /** RFC 9111 §4.2.3: the larger of what Date and Age say, plus the delay of the answer. */
    private static Duration initialAge(Headers headers, Instant date, Instant requestedAt, Instant now) {
        Duration apparentAge = positive(Duration.between(date, now));
        Duration responseDelay = positive(Duration.between(requestedAt, now));
        Duration correctedAge = ageValue(headers).plus(responseDelay);
        return apparentAge.compareTo(correctedAge) > 0 ? apparentAge : correctedAge;
    }

    private static Duration positive(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    /** The first value of Age; what is not a number is ignored (RFC 9111 §5.1). */
    private static Duration ageValue(Headers headers) {
        List<String> values = headers.list("Age");
        Long seconds = values.isEmpty() ? null : FieldValues.number(values.get(0), CacheControl.MAX_DELTA.toSeconds());
        return seconds == null ? Duration.ZERO : Duration.ofSeconds(seconds);
    }

    /** s-maxage, else max-age, else Expires less Date; null without any of them (RFC 9111 §4.2.1). */
    private static @Nullable Duration explicitLifetime(
            Headers headers, Policy.Control counts, Instant date, Instant now) {
        CacheControl control = counts.directives();
        if (control.sMaxAge() != null) {
            return control.sMaxAge();
        }
        if (control.maxAge() != null) {
            return control.maxAge();
        }
        List<String> expires = headers.all("Expires");
        if (expires.isEmpty() || !counts.expiresCounts()) {
            return null;
        }
        Instant at = HttpDate.parse(expires.get(0), now); // RFC 9111 §5.3: an invalid date means already expired
        return at == null ? Duration.ZERO : positive(Duration.between(date, at));
    }

    private static Duration defaultLifetime(
            Policy policy, ResponseHead response, CacheControl control, Instant date, Instant now) {
        if (response.status() == 200 && !policy.defaultTtl().isZero()) {
            return policy.defaultTtl();
        }
        String lastModified = response.headers().first("Last-Modified");
        Instant modified = lastModified == null ? null : HttpDate.parse(lastModified, now);
        if (modified == null || !modified.isBefore(date) || !isHeuristicallyCacheable(response.status(), control)) {
            return Duration.ZERO;
        }
        Duration heuristic = Duration.between(modified, date).dividedBy(HEURISTIC_FRACTION); // RFC 9111 §4.2.2
        return heuristic.compareTo(HEURISTIC_MAX) > 0 ? HEURISTIC_MAX : heuristic;
    }

    /** Whether freshness may be guessed: by the status, or because {@code public} says so (RFC 9111 §4.2.2). */
    static boolean isHeuristicallyCacheable(int status, CacheControl control) {
        return HEURISTICALLY_CACHEABLE.contains(status) || control.has("public");
    }

    /** The current age, never less than the initial one, even if the clock went back (RFC 9111 §4.2.3). */
    public Duration age(Instant now) {
        return initialAge.plus(positive(Duration.between(receivedAt, now)));
    }

    public boolean isFresh(Instant now) {
        return lifetime.compareTo(age(now)) > 0;
    }

    /** What is left of the lifetime; negative once the response is stale. */
    public Duration ttl(Instant now) {
        return lifetime.minus(age(now));
    }

    /** The same, stale from now on: what a soft purge or an invalidation leaves. */
    public Freshness expired(Instant now) {
        return new Freshness(
                receivedAt,
                initialAge,
                min(lifetime, age(now)),
                explicit,
                noCache,
                mustRevalidate,
                immutable,
                whileRevalidating,
                ifError,
                overridden);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
