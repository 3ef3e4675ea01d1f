package io.cachingproxy.policy;

import io.cachingproxy.http.CacheControl;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.fields.ContentRange;
import io.cachingproxy.policy.parts.Partial;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The reuse decision: which stored response, if any, answers a request (RFC 9111 §4).
 *
 * <p>The checks are in the order in which they apply to a request. A rule that forbids reuse without validation results
 * in {@link Decision.Revalidate}, even if the stored response has no validator: the request is then forwarded
 * unchanged, and the stored response may still replace an error.
 */
public final class Reuse {
    private Reuse() {}

    /**
     * Decides how {@code request} is handled.
     *
     * @param candidates the responses stored under its key, newest first
     */
    public static Decision decide(
            RequestTerms rules, RequestHead request, List<StoredResponse> candidates, Instant now) {
        return decide(rules, request, candidates, now, Trail.NONE);
    }

    /**
     * The same, with its steps.
     *
     * @param trail receives the steps before the one that decides, whose reason is that of the decision
     */
    public static Decision decide(
            RequestTerms rules, RequestHead request, List<StoredResponse> candidates, Instant now, Trail trail) {
        Terms terms = rules.beforeResponse();
        Reason bypass = bypass(terms, request, trail);
        if (bypass != null) {
            return new Decision.Bypass(bypass);
        }
        Decision decision = choose(rules, request, candidates, now, trail);
        boolean mustForward = !(decision instanceof Decision.Hit || decision instanceof Decision.Stale);
        if (mustForward && terms.seen(request).cacheControl().has("only-if-cached")) {
            trail.step(decision.reason(), Trail.Effect.APPLIED);
            return new Decision.Unsatisfiable(Reason.ONLY_IF_CACHED);
        }
        return decision;
    }

    /** Why this request bypasses the store, or null. */
    public static @Nullable Reason bypass(Terms terms, RequestHead request) {
        return bypass(terms, request, Trail.NONE);
    }

    private static @Nullable Reason bypass(Terms terms, RequestHead request, Trail trail) {
        boolean query = request.isDigestedQuery();
        if (!request.isGet() && !request.isHead() && !query) {
            return Reason.METHOD;
        }
        trail.passed(Reason.METHOD);
        if (request.hasBody() && !query) { // RFC 9110 §9.3.1: no defined semantics, so no shared meaning
            return Reason.REQUEST_BODY;
        }
        trail.passed(Reason.REQUEST_BODY);
        if (request.headers().contains("If-Match") || request.headers().contains("If-Unmodified-Since")) {
            return Reason.PRECONDITION; // only the origin can evaluate it: RFC 9111 §4.3.2
        }
        trail.passed(Reason.PRECONDITION);
        if (terms.policy().override() && Policy.hasCredentials(terms.seen(request))) {
            return Reason.CREDENTIALS;
        }
        return null;
    }

    /** Whether a response of this freshness answers requests without special conditions, without validation. */
    public static boolean answersOthers(Freshness freshness, Instant now) {
        if (freshness.noCache()) {
            return false;
        }
        boolean whileStale =
                freshness.ttl(now).negated().compareTo(freshness.stale().whileRevalidating()) < 0;
        return freshness.isFresh(now) || whileStale;
    }

    private static Decision choose(
            RequestTerms rules, RequestHead request, List<StoredResponse> candidates, Instant now, Trail trail) {
        if (candidates.isEmpty()) {
            return new Decision.Miss(Reason.URI_MISS);
        }
        boolean varies = false;
        for (int i = 0; i < candidates.size(); i++) {
            StoredResponse candidate = candidates.get(i);
            Terms terms = rules.forResponse(candidate.head());
            StoredResponse judged = Reception.judgedAnew(terms, candidate);
            if (judged == null) {
                trail.passedOver(candidate, Reason.RULE);
                continue; // stored under rules or a policy no longer in effect, or by another node
            }
            RequestHead seen = terms.seen(request);
            if (terms.selects(judged.selection(), seen.headers())) {
                if (terms.refusesCookieOf(judged.head().headers())) {
                    trail.passedOver(candidate, Reason.SET_COOKIE);
                    return new Decision.Miss(Reason.VARY_MISS);
                }
                trail.selected(judged);
                return choose(terms, seen, judged, now, trail);
            }
            trail.passedOver(candidate, Reason.VARY_MISS);
            varies = true;
        }
        return new Decision.Miss(varies ? Reason.VARY_MISS : Reason.URI_MISS);
    }

    private static Decision choose(Terms terms, RequestHead request, StoredResponse stored, Instant now, Trail trail) {
        ContentRange part = Partial.of(stored);
        if (part == null || Partial.answers(request, stored, part, now)) {
            return judge(terms.policy(), request.cacheControl(), stored, now, trail);
        }
        boolean fresh = judge(terms.policy(), request.cacheControl(), stored, now, Trail.NONE) instanceof Decision.Hit;
        return fresh && request.isGet() && Partial.isCompletable(request, stored, part)
                ? new Decision.Complete(stored)
                : new Decision.Miss(Reason.PARTIAL);
    }

    private static Decision judge(Policy policy, CacheControl asked, StoredResponse stored, Instant now, Trail trail) {
        Freshness freshness = stored.freshness();
        if (policy.override()) {
            return freshness.isFresh(now) ? new Decision.Hit(stored) : new Decision.Revalidate(stored, Reason.STALE);
        }
        if (asked.has("no-cache")) { // RFC 9111 §5.2.1.4: it has no qualified form
            return new Decision.Revalidate(stored, Reason.REQUEST_NO_CACHE);
        }
        trail.passed(Reason.REQUEST_NO_CACHE);
        if (freshness.noCache()) { // RFC 9111 §5.2.2.4
            return new Decision.Revalidate(stored, Reason.RESPONSE_NO_CACHE);
        }
        trail.passed(Reason.RESPONSE_NO_CACHE);
        Duration maxStale = asked.secondsOr("max-stale", CacheControl.MAX_DELTA);
        Duration ttl = freshness.ttl(now);
        boolean immutable = freshness.immutable() && freshness.isFresh(now); // RFC 8246 §2
        if (asked.maxAge() != null && freshness.age(now).compareTo(asked.maxAge()) > 0 && !immutable) {
            return new Decision.Revalidate(stored, Reason.REQUEST_MAX_AGE);
        }
        trail.passed(Reason.REQUEST_MAX_AGE);
        Duration minFresh = asked.seconds("min-fresh");
        if (minFresh != null && ttl.compareTo(minFresh) < 0) {
            return new Decision.Revalidate(stored, Reason.REQUEST_MIN_FRESH);
        }
        trail.passed(Reason.REQUEST_MIN_FRESH);
        if (freshness.isFresh(now)) {
            return new Decision.Hit(stored);
        }
        trail.passed(Reason.FRESH);
        Duration staleness = ttl.negated();
        if (staleness.compareTo(freshness.stale().whileRevalidating()) < 0) {
            return new Decision.Stale(stored, true, Reason.STALE_WHILE_REVALIDATE);
        }
        trail.passed(Reason.STALE_WHILE_REVALIDATE);
        if (freshness.stale().mustRevalidate()) { // RFC 9111 §4.2.4
            return new Decision.Revalidate(stored, Reason.STALE);
        }
        if (maxStale != null && staleness.compareTo(maxStale) <= 0) { // RFC 9111 §5.2.1.2
            return new Decision.Stale(stored, false, Reason.REQUEST_MAX_STALE);
        }
        trail.passed(Reason.REQUEST_MAX_STALE);
        return new Decision.Revalidate(stored, Reason.STALE);
    }
}
