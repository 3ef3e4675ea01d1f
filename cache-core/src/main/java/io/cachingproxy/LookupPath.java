package io.cachingproxy;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

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
     * @param decided receives the reuse decision
     */
    CompletionStage<Step> opened(CacheRequest request, boolean again, Consumer<Decision> decided) {
        return lookedUp(request, again, decided)
                .exceptionally(failure ->
                        Step.Forward.alone(cache, request, new Decision.Bypass(Reason.BYPASS), store.time()));
    }

    private CompletionStage<Step> lookedUp(CacheRequest request, boolean again, Consumer<Decision> decided) {
        cache.now(); // before the store is asked, see HttpCache.clockWasSetBack
        StoreTime time = store.time();
        Reason bypass = request.bypass();
        if (bypass != null) {
            Decision decision = new Decision.Bypass(bypass);
            report(request, decision, decided);
            return done(Step.Forward.alone(cache, request, decision, time));
        }
        CacheKey key = request.key();
        Lookup lookup = new Lookup(request, "", coalescing.departures(key), time, again);
        return store.findEquivalent(key, time).thenCompose(found -> {
            Instant now = cache.now();
            return decided(lookup, candidates(request, found, now), now, decided);
        });
    }

    private void report(CacheRequest request, Decision decision, Consumer<Decision> decided) {
        cache.events().tell(it -> it.onDecision(request, decision));
        decided.accept(decision);
    }

    /**
     * The stored responses that the reuse decision is about: those of an equivalent URL only if they make a hit, because
     * such responses are never revalidated.
     */
    static List<StoredResponse> candidates(CacheRequest request, Equivalents.Found found, Instant now) {
        boolean hit = !found.equivalent().isEmpty() && request.decide(found.equivalent(), now) instanceof Decision.Hit;
        return hit ? found.equivalent() : found.own();
    }

    private CompletionStage<Step> decided(
            Lookup lookup, List<StoredResponse> found, Instant now, Consumer<Decision> decided) {
        CacheRequest request = lookup.request();
        Decision decision = request.decide(found, now);
        report(request, decision, decided);
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
        decision = forwarded(decision, lookup.again());
        return coalescing.admits(request, decision)
                ? misses.joined(lookup.among(found), decision)
                : done(Step.Forward.alone(cache, request, decision, lookup.time()));
    }

    /** The decision by which a request is forwarded: a partial response is completed only if its beginning is here. */
    static Decision forwarded(Decision decision, boolean again) {
        boolean completes = decision instanceof Decision.Complete complete
                && again
                && complete.stored().body().isHere();
        return decision instanceof Decision.Complete && !completes ? new Decision.Miss(Reason.PARTIAL) : decision;
    }

    static Step answered(HttpCache cache, CacheRequest request, Decision.Hit hit, Instant now) {
        return Step.Answered.of(hit.stored(), cache.answers().hit(request, hit, now), null);
    }

    static CompletionStage<Step> done(Step step) {
        return CompletableFuture.completedFuture(step);
    }
}
