package io.cachingproxy;

import io.cachingproxy.Explanation.Result;
import io.cachingproxy.Explanation.Step;
import io.cachingproxy.Explanation.Variant;
import io.cachingproxy.Explanation.Verdict;
import io.cachingproxy.coding.Negotiated;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Trail;
import io.cachingproxy.policy.parts.Partial;
import io.cachingproxy.rules.MatchReport;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Explains requests: makes the decisions of {@link LookupPath} and {@link Delivery} with the same functions, and records
 * their steps. Forwards and stores nothing.
 */
final class Explaining {
    private final HttpCache cache;
    private final OwnAnswers ownAnswers;

    Explaining(HttpCache cache, OwnAnswers ownAnswers) {
        this.cache = cache;
        this.ownAnswers = ownAnswers;
    }

    CompletionStage<Explanation> explain(
            CacheRequest request, @Nullable InetAddress client, @Nullable ResponseHead response) {
        cache.now(); // before the store is asked, see HttpCache.clockWasSetBack
        return cache.guarded()
                .findEquivalent(request.key(), cache.guarded().time())
                .thenApply(found -> explanation(request, client, response, found));
    }

    private Explanation explanation(
            CacheRequest asked,
            @Nullable InetAddress client,
            @Nullable ResponseHead response,
            Equivalents.Found found) {
        CacheRequest request = asked.negotiate();
        Instant now = cache.now();
        List<StoredResponse> candidates = LookupPath.candidates(request, found, now);
        Trace trace = new Trace();
        Answer own = ownAnswers.of(request);
        Decision decision = own == null ? request.decide(candidates, now, trace) : null;
        Verdict reuse = decision == null ? answered(own) : reuse(request, decision, candidates, now, trace);
        Verdict storage = decision == null || decision instanceof Decision.Unsatisfiable || response == null
                ? null
                : storage(request, decision, response, now);
        List<Variant> variants = candidates.stream()
                .limit(Explanation.MAX_VARIANTS)
                .map(stored -> trace.variant(stored, now))
                .toList();
        List<MatchReport> rules = request.site() == null
                ? List.of()
                : request.site().rules().report(asked.head(), client, request.treatment(), response);
        return new Explanation(
                asked.head(),
                request.site() == null ? null : request.site().name(),
                request.treatment().beforeResponse().policy().name(),
                rules,
                KeyText.of(request.key()),
                variants,
                candidates.size() - variants.size(),
                reuse,
                storage);
    }

    /** The answer of the cache itself. */
    private static Verdict answered(@Nullable Answer own) {
        Reason detail = own == null ? null : own.status().detail();
        Reason reason = detail == null ? Reason.ANSWERED_BY_RULE : detail;
        String inputs = own == null ? "" : "the answer is " + own.head().status();
        Step step = new Step(reason, Trail.Effect.APPLIED, inputs);
        return new Verdict(Result.ANSWERED, reason, List.of(step), null, List.of());
    }

    private static Verdict reuse(
            CacheRequest request, Decision decision, List<StoredResponse> candidates, Instant now, Trace trace) {
        List<Step> steps = trace.steps(decision.reason(), reason -> Inputs.of(reason, request, trace.selected(), now));
        StoredResponse used = trace.selected();
        return new Verdict(
                result(decision),
                decision.reason(),
                steps,
                used == null ? null : used.freshness().ttl(now),
                WhatIf.answeredFromStore(request, decision, candidates, now));
    }

    private Verdict storage(CacheRequest asked, Decision decided, ResponseHead head, Instant now) {
        Decision decision = forwarding(decided);
        CacheRequest request = decided instanceof Decision.Stale stale && stale.refresh()
                ? MissPath.refreshing(asked, stale.stored())
                : asked;
        ResponseHead whole = decision instanceof Decision.Complete complete && head.status() != 200
                ? Partial.whole(complete.stored(), head)
                : head;
        if (whole == null) {
            Step step =
                    new Step(Reason.PARTIAL_NOT_STORED, Trail.Effect.APPLIED, "the rest does not fit the stored part");
            return new Verdict(Result.NOT_STORED, step.reason(), List.of(step), null, List.of());
        }
        Negotiated coding = request.coding(whole, decision);
        ResponseHead response = coding == null ? whole : coding.head(whole);
        Trace trace = new Trace();
        Outcome judged = request.judge(decision, response, now, now, trace);
        boolean tooLong = judged instanceof Outcome.Store && request.isTooLong(response, cache.maxObjectBytes());
        Outcome outcome = tooLong ? new Outcome.Relay(Reason.TOO_LARGE) : judged;
        List<Step> steps = trace.steps(
                outcome.reason(), reason -> Inputs.of(reason, request, response, judged, cache.maxObjectBytes()));
        return new Verdict(
                result(outcome),
                outcome.reason(),
                steps,
                ttl(outcome, now),
                tooLong ? List.of() : WhatIf.stored(request, decision, response, now));
    }

    /** The decision by which the response would be requested, if the stored one did not answer. */
    private static Decision forwarding(Decision decided) {
        if (decided instanceof Decision.Hit hit) {
            return new Decision.Revalidate(hit.stored(), Reason.REQUEST_NO_CACHE);
        }
        if (decided instanceof Decision.Stale stale) {
            return new Decision.Revalidate(stale.stored(), stale.reason());
        }
        return LookupPath.forwarded(decided, true);
    }

    private static @Nullable Duration ttl(Outcome outcome, Instant now) {
        if (outcome instanceof Outcome.Store store) {
            return store.freshness().ttl(now);
        }
        if (outcome instanceof Outcome.Freshen freshen) {
            return freshen.freshened().freshness().ttl(now);
        }
        return outcome instanceof Outcome.ServeStale stale
                ? stale.stored().freshness().ttl(now)
                : null;
    }

    private static Result result(Decision decision) {
        if (decision instanceof Decision.Hit) {
            return Result.HIT;
        }
        if (decision instanceof Decision.Stale) {
            return Result.STALE;
        }
        if (decision instanceof Decision.Revalidate) {
            return Result.REVALIDATE;
        }
        if (decision instanceof Decision.Complete) {
            return Result.COMPLETE;
        }
        if (decision instanceof Decision.Unsatisfiable) {
            return Result.ANSWERED;
        }
        return decision instanceof Decision.Bypass ? Result.BYPASS : Result.MISS;
    }

    private static Result result(Outcome outcome) {
        if (outcome instanceof Outcome.Store) {
            return Result.STORED;
        }
        if (outcome instanceof Outcome.Freshen freshen) {
            return freshen.stays() ? Result.VALIDATED : Result.VALIDATED_AND_REMOVED;
        }
        return outcome instanceof Outcome.ServeStale ? Result.STALE_INSTEAD : Result.NOT_STORED;
    }
}
