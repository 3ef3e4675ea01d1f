package io.cachingproxy;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The path of a request through the lookup: the store is asked, and the reuse decision is made.
 *
 * <pre>
 *   opened ── bypass ──────────────────────────────────────────────▶ forwarded
 *      │ store asked
 *      ▼
 *   nothing under the key, but a fresh response of an equivalent URL ─▶ hit
 *      │ else
 *      ▼
 *   decided ── Hit, Stale, Unsatisfiable ──────────────────────────▶ answered
 *      │ Miss, Revalidate, Complete
 *      ▼
 *   coalesced? ─ yes ──▶ MissPath
 *      │ no
 *      ▼
 *   forwarded
 * </pre>
 */
final class LookupPath {
    private final HttpCache cache;
    private final GuardedStore store;
    private final Coalescing coalescing;
    private final MissPath misses;

    LookupPath(HttpCache cache, GuardedStore store, Coalescing coalescing, MissPath misses) {
        this.cache = cache;
        this.store = store;
        this.coalescing = coalescing;
        this.misses = misses;
    }

    /**
     * Asks the store and decides how to handle {@code request}; never fails.
     *
     * @param again whether the request can be sent to the origin again, if the response does not complete a stored
     *     partial one
     */
    CompletionStage<Step> opened(CacheRequest request, boolean again) {
        return lookedUp(request, again)
                .exceptionally(failure ->
                        Step.Forward.alone(cache, request, new Decision.Bypass(Reason.BYPASS), store.time()));
    }

    private CompletionStage<Step> lookedUp(CacheRequest request, boolean again) {
        cache.now(); // before the store is asked, see HttpCache.clockWasSetBack
        StoreTime time = store.time();
        Reason bypass = request.bypasses()
                ? Reason.RULE
                : Reuse.bypass(request.treatment().beforeResponse(), request.head());
        if (bypass != null) {
            Decision decision = new Decision.Bypass(bypass);
            cache.events().tell(it -> it.onDecision(request, decision));
            return done(Step.Forward.alone(cache, request, decision, time));
        }
        CacheKey key = request.key();
        Lookup lookup = new Lookup(request, "", coalescing.departures(key), time, again);
        return store.findEquivalent(key, time)
                .thenCompose(found -> found.equivalent().isEmpty()
                        ? decided(lookup, found.own())
                        : equivalent(lookup, found.equivalent()));
    }

    /** Answers with a response to an equivalent URL only if it is fresh; such responses are never revalidated. */
    private CompletionStage<Step> equivalent(Lookup lookup, List<StoredResponse> others) {
        Instant now = cache.now();
        CacheRequest request = lookup.request();
        if (request.decide(others, now) instanceof Decision.Hit hit) {
            cache.events().tell(it -> it.onDecision(request, hit));
            return done(answered(cache, request, hit, now));
        }
        return decided(lookup, List.of());
    }

    private CompletionStage<Step> decided(Lookup lookup, List<StoredResponse> found) {
        Instant now = cache.now();
        CacheRequest request = lookup.request();
        Decision decision = request.decide(found, now);
        Decision made = decision;
        cache.events().tell(it -> it.onDecision(request, made));
        if (decision instanceof Decision.Hit hit) {
            return done(answered(cache, request, hit, now));
        }
        if (decision instanceof Decision.Stale stale) {
            CacheStatus status = CacheStatus.hit(stale.stored().freshness().ttl(now), stale.reason());
            Answer answer = cache.answers().stored(request, stale.stored(), status, now);
            Refresh refresh = stale.refresh() ? () -> misses.refresh(lookup.among(found), stale.stored()) : null;
            return done(Step.Answered.of(stale.stored(), answer, refresh));
        }
        if (decision instanceof Decision.Unsatisfiable unsatisfiable) {
            return done(new Step.Answered(cache.answers().unsatisfiable(unsatisfiable, now)));
        }
        if (decision instanceof Decision.Complete complete
                && !(lookup.again() && complete.stored().body().isHere())) {
            decision = new Decision.Miss(Reason.PARTIAL);
        }
        return coalescing.admits(request, decision)
                ? misses.joined(lookup.among(found), decision)
                : done(Step.Forward.alone(cache, request, decision, lookup.time()));
    }

    static Step answered(HttpCache cache, CacheRequest request, Decision.Hit hit, Instant now) {
        return Step.Answered.of(hit.stored(), cache.answers().hit(request, hit, now), null);
    }

    static CompletionStage<Step> done(Step step) {
        return CompletableFuture.completedFuture(step);
    }
}
