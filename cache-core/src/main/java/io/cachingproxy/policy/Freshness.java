package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.syntax.HttpDate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The freshness lifetime of a stored response and its permitted use once stale (RFC 9111 §4.2, RFC 5861), computed from
 * the origin's response, the {@link Receipt}, and the {@link Terms}. Later decisions depend on the clock only.
 *
 * @param receipt when the response arrived, and its age at that time
 * @param lifetime the freshness lifetime (RFC 9111 §4.2.1)
 * @param explicit whether the origin gave a lifetime, as opposed to a heuristic, a default or only a rule
 * @param noCache whether each reuse must be validated first
 * @param immutable whether requests for a younger response are answered with this one while it is fresh (RFC 8246)
 * @param stale the permitted use after the lifetime
 * @param terms the {@link Terms#id} under which it was computed
 */
public record Freshness(
        Receipt receipt,
        Duration lifetime,
        boolean explicit,
        boolean noCache,
        boolean immutable,
        StaleUse stale,
        long terms) {

    /** Final status codes that may be stored without explicit freshness (RFC 9110 §15.1). */
    private static final Set<Integer> HEURISTICALLY_CACHEABLE =
            Set.of(200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501);

    /**
     * Tolerance for a clock that is behind the time of receipt. Beyond it, the clock was set back and the elapsed time
     * is unknown, so the response counts as stale. Clocks of nodes that share a store differ by less.
     */
    private static final Duration MAX_SKEW = Duration.ofSeconds(1);

    private static final int HEURISTIC_FRACTION = 10;
    private static final Duration HEURISTIC_MAX = Duration.ofDays(7);

    /** Status codes to which a rule's {@code ttl} applies if the rule does not name the status: no errors. */
    private static final Set<Integer> TTL_STATUSES = Set.of(200, 203, 204, 206, 300, 301, 308);

    /**
     * Computes the freshness of a response under {@code terms}, from its head and receipt. A response to a request with
     * credentials for which the policy alone requires validation before each reuse keeps that requirement, whatever
     * lifetimes rules set, because validation protects it from other users.
     */
    public static Freshness of(Terms terms, ResponseHead response, Receipt receipt) {
        Policy policy = terms.policy();
        if (policy.override() && response.status() == 200) {
            Duration lifetime = clamped(receipt.age().plus(policy.defaultTtl()), terms.lifetimes(), receipt);
            return new Freshness(receipt, lifetime, false, false, false, StaleUse.of(terms.lifetimes()), terms.id());
        }
        Policy.Control counts = terms.control(response);
        CacheControl control = counts.directives();
        Instant date = Receipt.date(response.headers(), receipt.at());
        Duration explicit = explicitLifetime(policy.shared(), response.headers(), counts, date, receipt.at());
        Duration stated = explicit != null ? explicit : defaultLifetime(policy, response, control, date, receipt.at());
        boolean onlyValidated = control.noCache() || stated.isZero();
        Lifetimes ruling = onlyValidated && terms.isPersonal(receipt) ? Lifetimes.OF_ORIGIN : terms.lifetimes();
        boolean ruled = ttlHolds(ruling, response);
        Duration ttl = ruling.ttl();
        Duration lifetime = ruled && ttl != null ? receipt.age().plus(ttl) : stated;
        return new Freshness(
                receipt,
                clamped(lifetime, ruling, receipt),
                explicit != null,
                control.noCache() && !ruled,
                control.permits("immutable"),
                StaleUse.of(policy.shared(), control, ruling),
                terms.id());
    }

    /** Whether a rule's {@code ttl} holds for this response. */
    public static boolean ttlHolds(Lifetimes lifetimes, ResponseHead response) {
        return lifetimes.ttl() != null
                && (lifetimes.ttlForErrors() || TTL_STATUSES.contains(response.status()))
                && (lifetimes.ttlForStreams() || !Policy.isStream(response));
    }

    private static Duration clamped(Duration lifetime, Lifetimes lifetimes, Receipt receipt) {
        Duration shortest = lifetimes.minTtl();
        Duration longest = lifetimes.maxTtl();
        Duration raised =
                shortest == null ? lifetime : max(lifetime, receipt.age().plus(shortest));
        return min(longest == null ? raised : min(raised, receipt.age().plus(longest)), receipt.staleAt());
    }

    /** Whether the response has explicit freshness (RFC 9111 §4.2.1). */
    static boolean isExplicit(Terms terms, ResponseHead response) {
        Policy.Control counts = terms.control(response);
        return (terms.policy().shared() && counts.directives().has("s-maxage"))
                || counts.directives().has("max-age")
                || (counts.expiresCounts() && response.headers().contains("Expires"));
    }

    /**
     * The explicit freshness lifetime: s-maxage in a shared cache, else max-age, else Expires minus Date; null without
     * any of them (RFC 9111 §4.2.1).
     */
    private static @Nullable Duration explicitLifetime(
            boolean shared, Headers headers, Policy.Control counts, Instant date, Instant now) {
        CacheControl control = counts.directives();
        if (shared && control.sMaxAge() != null) {
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
        return at == null ? Duration.ZERO : Receipt.positive(Duration.between(date, at));
    }

    private static Duration defaultLifetime(
            Policy policy, ResponseHead response, CacheControl control, Instant date, Instant now) {
        if (!policy.storage().unstated()) {
            return Duration.ZERO;
        }
        if (response.status() == 200 && !policy.defaultTtl().isZero()) {
            return policy.defaultTtl();
        }
        String lastModified = response.headers().first("Last-Modified");
        Instant modified = lastModified == null ? null : HttpDate.parse(lastModified, now);
        Instant sent = date.isAfter(now) ? now : date; // a clock ahead of this one must not lengthen the heuristic
        if (modified == null || !modified.isBefore(sent) || !isHeuristicallyCacheable(response.status(), control)) {
            return Duration.ZERO;
        }
        Duration heuristic = Duration.between(modified, sent).dividedBy(HEURISTIC_FRACTION); // RFC 9111 §4.2.2
        return heuristic.compareTo(HEURISTIC_MAX) > 0 ? HEURISTIC_MAX : heuristic;
    }

    /** Whether heuristic freshness is permitted: by the status, or by {@code public} (RFC 9111 §4.2.2). */
    static boolean isHeuristicallyCacheable(int status, CacheControl control) {
        return HEURISTICALLY_CACHEABLE.contains(status) || control.permits("public");
    }

    /** The current age, never less than the initial one, even if the clock was set back (RFC 9111 §4.2.3). */
    public Duration age(Instant now) {
        return receipt.age().plus(Receipt.positive(Duration.between(receipt.at(), now)));
    }

    public boolean isFresh(Instant now) {
        return lifetime.compareTo(age(now)) > 0 && !isSetBack(now);
    }

    /**
     * The remaining freshness lifetime; negative if the response is stale. If the clock was set back, the most negative
     * duration, so that no permission to serve stale for a limited time applies.
     */
    public Duration ttl(Instant now) {
        return isSetBack(now) ? CacheControl.MAX_DELTA.negated() : lifetime.minus(age(now));
    }

    private boolean isSetBack(Instant now) {
        return receipt.at().isAfter(now) && receipt.at().isAfter(now.plus(MAX_SKEW));
    }

    /** A copy that is stale from {@code now} on: after a soft purge or an invalidation. */
    public Freshness expired(Instant now) {
        Duration age = age(now);
        return new Freshness(receipt.staleAt(age), min(lifetime, age), explicit, noCache, immutable, stale, terms);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private static Duration max(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
