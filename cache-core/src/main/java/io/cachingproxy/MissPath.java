package io.cachingproxy;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.parts.Validation;
import io.cachingproxy.store.FillLeases;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The path of a cache miss: the request leads the fetch of its variant, or waits for the leader, in this process ({@link
 * Coalescing}) or on another node ({@link FillLeases}).
 *
 * <pre>
 *   joined ── another request leads ──▶ waits for its landing ─▶ follows
 *      │                                        │ not for this request
 *      │ leads                                  ▼
 *      ▼                              apart: joined anew, once, if its variant is known by now; else forwarded
 *   a leader left meanwhile? ─ yes ──▶ store asked again ── found ─▶ hit
 *      │ no                                     │ not found
 *      ▼                                        ▼
 *   leased ── another node fetches ──▶ awaited, then store asked again ─▶ hit, or forwarded
 *      │ this node does
 *      ▼
 *   forwarded
 * </pre>
 */
final class MissPath {
    private final HttpCache cache;
    private final Coalescing coalescing;
    private final FillLeases leases;

    MissPath(HttpCache cache, Coalescing coalescing, FillLeases leases) {
        this.cache = cache;
        this.coalescing = coalescing;
        this.leases = leases;
    }

    /** Leads the fetch, or waits for the leader. */
    CompletionStage<Step> joined(Lookup lookup, Decision decision) {
        CacheRequest request = lookup.request();
        Exchange[] mine = new Exchange[1];
        CoalescedFetch leader = coalescing.leadOrFind(lookup.key(), lookup.variant(), () -> {
            mine[0] = new Exchange(cache, request, decision, lookup.time());
            return mine[0].coalesced();
        });
        if (mine[0] != null) {
            CompletionStage<Step> leading = coalescing.departures(lookup.key()) == lookup.departures()
                    ? leased(lookup, mine[0])
                    : askAgain(lookup, mine[0], own -> leased(own, mine[0]));
            return leading.exceptionally(failure -> new Step.Forward(mine[0]));
        }
        int waiter = leader.oneMoreWaits();
        if (!coalescing.mayWait(leader, waiter)) {
            return LookupPath.done(Step.Forward.alone(cache, request, decision, lookup.time()));
        }
        cache.events().tell(it -> it.onCoalesced(request));
        return coalescing.landing(leader, waiter).thenCompose(landed -> {
            Step answered = leader.follow(request, decision.reason(), landed);
            return answered == null ? apart(lookup, decision, landed) : LookupPath.done(answered);
        });
    }

    /** Handles a follower that the leader's response does not answer. */
    private CompletionStage<Step> apart(Lookup lookup, Decision decision, Landing landed) {
        StoredResponse another = landed instanceof Landing.Shared shared
                ? shared.response()
                : landed instanceof Landing.Confirmed confirmed ? confirmed.stored() : null;
        if (another != null
                && !another.selection().matches(lookup.request().head().headers())) {
            Lookup own = lookup.among(List.of(another));
            if (lookup.isNarrowedTo(own)) {
                return joined(own, decision);
            }
        }
        return LookupPath.done(Step.Forward.alone(cache, lookup.request(), decision, lookup.time()));
    }

    /** Forwards under a lease; if another node holds it, waits for that node first. */
    private CompletionStage<Step> leased(Lookup lookup, Exchange leader) {
        if (leases == FillLeases.ALONE) {
            return LookupPath.done(new Step.Forward(leader));
        }
        return lease(lookup).thenCompose(lease -> {
            if (lease instanceof FillLeases.Elsewhere elsewhere) {
                return awaited(lookup, leader, elsewhere, cache.now().plus(coalescing.maxWait()));
            }
            leader.coalesced().onLeave(((FillLeases.Held) lease).release());
            return LookupPath.done(new Step.Forward(leader));
        });
    }

    /**
     * Asks for the lease. If there is no answer in time, this node fetches, and releases a lease that is granted later.
     */
    private CompletionStage<FillLeases.Lease> lease(Lookup lookup) {
        CompletionStage<FillLeases.Lease> asked = leases.ask(lookup.key(), lookup.variant());
        FillLeases.Lease late = new FillLeases.Held(() -> asked.thenAccept(lease -> {
            if (lease instanceof FillLeases.Held held) {
                held.release().run();
            }
        }));
        return lookup.time().bound(asked, late);
    }

    /** Waits for another node while it holds the lease, at most until {@code until}; then forwards. */
    private CompletionStage<Step> awaited(
            Lookup lookup, Exchange leader, FillLeases.Elsewhere elsewhere, Instant until) {
        return elsewhere.over().thenCompose(told -> {
            if (told || cache.now().isAfter(until)) {
                return askAgain(lookup, leader, own -> forwarded(lookup, own, leader));
            }
            return lease(lookup).thenCompose(lease -> {
                if (lease instanceof FillLeases.Elsewhere still) {
                    return awaited(lookup, leader, still, until);
                }
                leader.coalesced().onLeave(((FillLeases.Held) lease).release());
                return askAgain(lookup, leader, own -> forwarded(lookup, own, leader));
            });
        });
    }

    /** Forwards after another node's fetch; under a lease of its own variant, if that fetch revealed the variant. */
    private CompletionStage<Step> forwarded(Lookup lookup, Lookup own, Exchange leader) {
        return lookup.isNarrowedTo(own) ? leased(own, leader) : LookupPath.done(new Step.Forward(leader));
    }

    /**
     * Repeats the lookup, because another fetch may have stored a response meanwhile.
     *
     * @param otherwise continues if there is still no hit, with the variant known by then
     */
    private CompletionStage<Step> askAgain(
            Lookup lookup, Exchange leader, Function<Lookup, CompletionStage<Step>> otherwise) {
        return cache.guarded().find(lookup.key(), lookup.time()).thenCompose(found -> {
            Instant now = cache.now();
            if (lookup.request().decide(found, now) instanceof Decision.Hit hit) {
                leader.abandon(hit.stored());
                return LookupPath.done(LookupPath.answered(cache, lookup.request(), hit, now));
            }
            return otherwise.apply(found.isEmpty() ? lookup : lookup.among(found));
        });
    }

    /** The exchange that revalidates a stale response; null if another request fetches it already. */
    @Nullable
    Exchange refresh(Lookup lookup, StoredResponse stored) {
        CacheRequest request = lookup.request();
        CacheRequest asGet = refreshing(request, stored);
        Decision revalidate = new Decision.Revalidate(stored, Reason.STALE_WHILE_REVALIDATE);
        Exchange[] mine = new Exchange[1];
        coalescing.leadOrFind(request.key(), lookup.variant(), () -> {
            mine[0] = new Exchange(cache, asGet, revalidate, cache.guarded().time());
            return mine[0].coalesced();
        });
        return mine[0];
    }

    /** The request that validates {@code stored} in the background. */
    static CacheRequest refreshing(CacheRequest request, StoredResponse stored) {
        RequestHead whole = Validation.conditional(request.head(), stored);
        return request.with(whole.isHead() ? whole.withMethod("GET") : whole);
    }
}
