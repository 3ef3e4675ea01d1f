package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.ContentRange;
import io.cachingproxy.http.RequestHead;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which stored response, if any, answers a request (RFC 9111 §4).
 *
 * <p>The guards stand in the order in which a request meets them. A rule that forbids reuse without validation gives
 * {@link Decision.Revalidate}, even where the stored response has no validator: the request is then forwarded as it
 * is, and the stored response may still stand in for an error.
 */
public final class Reuse {
    private Reuse() {}

    /**
     * Decides about {@code request}.
     *
     * @param candidates what is stored under its key, newest first
     */
    public static Decision decide(Policy policy, RequestHead request, List<StoredResponse> candidates, Instant now) {
        Reason bypass = bypass(policy, request);
        if (bypass != null) {
            return new Decision.Bypass(bypass);
        }
        Decision decision = choose(policy, request, candidates, now);
        boolean mustForward = !(decision instanceof Decision.Hit || decision instanceof Decision.Stale);
        return mustForward && request.cacheControl().has("only-if-cached")
                ? new Decision.Unsatisfiable(Reason.ONLY_IF_CACHED)
                : decision;
    }

    /** Why this request has nothing to do with the store, or null. */
    public static @Nullable Reason bypass(Policy policy, RequestHead request) {
        boolean query = request.isDigestedQuery();
        if (!request.isGet() && !request.isHead() && !query) {
            return Reason.METHOD;
        }
        if (request.hasBody() && !query) { // RFC 9110 §9.3.1: no defined semantics, so no shared meaning
            return Reason.REQUEST_BODY;
        }
        if (request.headers().contains("If-Match") || request.headers().contains("If-Unmodified-Since")) {
            return Reason.PRECONDITION; // only the origin can tell: RFC 9111 §4.3.2
        }
        if (policy.override()
                && (request.headers().contains("Authorization")
                        || request.headers().contains("Cookie"))) {
            return Reason.CREDENTIALS;
        }
        return null;
    }

    private static Decision choose(Policy policy, RequestHead request, List<StoredResponse> candidates, Instant now) {
        if (candidates.isEmpty()) {
            return new Decision.Miss(Reason.URI_MISS);
        }
        StoredResponse stored = select(policy, request, candidates);
        if (stored == null) {
            boolean varies = candidates.stream().anyMatch(candidate -> isStoredFor(policy, candidate));
            return new Decision.Miss(varies ? Reason.VARY_MISS : Reason.URI_MISS);
        }
        ContentRange part = Partial.of(stored);
        if (part == null || Partial.answers(request, stored, part, now)) {
            return judge(policy, request.cacheControl(), stored, now);
        }
        boolean fresh = judge(policy, request.cacheControl(), stored, now) instanceof Decision.Hit;
        return fresh && request.isGet() && Partial.isCompletable(request, stored, part)
                ? new Decision.Complete(stored)
                : new Decision.Miss(Reason.PARTIAL);
    }

    /** The newest candidate whose selecting header fields are those of the request (RFC 9111 §4.1). */
    private static @Nullable StoredResponse select(
            Policy policy, RequestHead request, List<StoredResponse> candidates) {
        for (int i = 0; i < candidates.size(); i++) {
            StoredResponse candidate = candidates.get(i);
            if (isStoredFor(policy, candidate) && candidate.selection().matches(request.headers())) {
                return candidate;
            }
        }
        return null;
    }

    /** Nodes of different policies may share a store: what override keeps, another policy may not even store. */
    private static boolean isStoredFor(Policy policy, StoredResponse candidate) {
        return policy.override() || !candidate.freshness().overridden();
    }

    private static Decision judge(Policy policy, CacheControl asked, StoredResponse stored, Instant now) {
        Freshness freshness = stored.freshness();
        if (policy.override()) {
            return freshness.isFresh(now) ? new Decision.Hit(stored) : new Decision.Revalidate(stored, Reason.STALE);
        }
        if (asked.has("no-cache")) { // RFC 9111 §5.2.1.4: it has no qualified form
            return new Decision.Revalidate(stored, Reason.REQUEST_NO_CACHE);
        }
        if (freshness.noCache()) { // RFC 9111 §5.2.2.4
            return new Decision.Revalidate(stored, Reason.RESPONSE_NO_CACHE);
        }
        Duration maxStale = asked.secondsOr("max-stale", CacheControl.MAX_DELTA);
        Duration ttl = freshness.ttl(now);
        boolean immutable = freshness.immutable() && freshness.isFresh(now); // RFC 8246 §2
        if (asked.maxAge() != null && freshness.age(now).compareTo(asked.maxAge()) > 0 && !immutable) {
            return new Decision.Revalidate(stored, Reason.REQUEST_MAX_AGE);
        }
        Duration minFresh = asked.seconds("min-fresh");
        if (minFresh != null && ttl.compareTo(minFresh) < 0) {
            return new Decision.Revalidate(stored, Reason.REQUEST_MIN_FRESH);
        }
        if (freshness.isFresh(now)) {
            return new Decision.Hit(stored);
        }
        if (freshness.mustRevalidate()) { // RFC 9111 §4.2.4
            return new Decision.Revalidate(stored, Reason.STALE);
        }
        Duration staleness = ttl.negated();
        if (staleness.compareTo(freshness.whileRevalidating()) < 0) {
            return new Decision.Stale(stored, true, Reason.STALE_WHILE_REVALIDATE);
        }
        if (maxStale != null && staleness.compareTo(maxStale) <= 0) { // RFC 9111 §5.2.1.2
            return new Decision.Stale(stored, false, Reason.REQUEST_MAX_STALE);
        }
        return new Decision.Revalidate(stored, Reason.STALE);
    }
}
