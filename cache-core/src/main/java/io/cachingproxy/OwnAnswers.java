package io.cachingproxy;

import io.cachingproxy.rules.Redirect;
import io.cachingproxy.rules.Respond;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Answers that depend neither on the store nor on the origin: refusals, and the answers of rules. */
final class OwnAnswers {
    private final Answers answers;
    private final InstantSource clock;

    OwnAnswers(Answers answers, InstantSource clock) {
        this.answers = answers;
        this.clock = clock;
    }

    /** Whether the response to {@code request} may be looked up in the store. */
    boolean permitLookup(CacheRequest request) {
        return !request.bypasses() && !request.treatment().answers() && !request.climbs() && refusal(request) == null;
    }

    /** The answer to {@code request}: a refusal, or the answer of a rule; null if neither applies. */
    @Nullable
    Answer of(CacheRequest request) {
        Refusal refusal = refusal(request);
        return refusal == null ? byRule(request) : refused(refusal);
    }

    /** The answer to {@code request} in a servlet chain, where only a loop is refused without a rule. */
    @Nullable
    Answer inChain(CacheRequest request) {
        return loops(request) ? refused(Refusal.LOOP) : byRule(request);
    }

    private boolean loops(CacheRequest request) {
        return answers.wasHere(request.head().headers());
    }

    private @Nullable Refusal refusal(CacheRequest request) {
        return loops(request) ? Refusal.LOOP : Refusal.of(request.head());
    }

    private @Nullable Answer byRule(CacheRequest request) {
        if (request.site() == null) {
            return refused(Refusal.MISDIRECTED);
        }
        Redirect redirect = request.treatment().redirect();
        if (redirect != null) {
            return answers.redirect(request, redirect, clock.instant());
        }
        Respond respond = request.treatment().respond();
        if (respond != null) {
            return answers.respond(request, respond, clock.instant());
        }
        return request.climbs() ? refused(Refusal.CLIMBS) : null;
    }

    private Answer refused(Refusal refusal) {
        CacheStatus status = CacheStatus.failed(null, refusal.reason());
        return answers.error(refusal.status(), refusal.sentence(), status, clock.instant());
    }
}
