package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.HopByHop;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reception;
import io.cachingproxy.policy.StoredResponse;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The answer for the client of a forwarded request: the origin's response, a stored one in its place, or an error. The
 * first one given counts. In a chain, and for a refresh in the background, no client reads from the cache.
 */
final class ClientAnswer {
    /** More interim responses than this are an attack or a mistake: the rest is dropped. */
    private static final int MAX_INTERIMS = 10;

    private final HttpCache cache;
    private final CacheRequest request;
    private final Decision decision;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private volatile @Nullable Origin origin;
    private volatile Interim interim = (status, headers) -> {};
    private int interims;

    ClientAnswer(HttpCache cache, CacheRequest request, Decision decision) {
        this.cache = cache;
        this.request = request;
        this.decision = decision;
    }

    /** Completes when the answer is given; never fails. */
    CompletionStage<Answer> stage() {
        return answer;
    }

    /** From now on a client reads from the cache; {@code from} can be asked again. */
    void readFrom(Origin from) {
        origin = from;
    }

    boolean isRead() {
        return origin != null;
    }

    void onInterims(Interim sink) {
        interim = sink;
    }

    void relayInterim(int status, Headers headers) {
        if (!answer.isDone() && interims++ < MAX_INTERIMS) {
            interim.relay(status, HopByHop.strip(headers));
        }
    }

    /** Gives the origin's response, once {@code invalidated} completes: what it made worthless is removed by then. */
    void relay(
            RequestHead forward,
            ResponseHead head,
            Content content,
            CacheStatus status,
            CompletionStage<Boolean> invalidated,
            Instant now) {
        Answer whole = cache.answers().leading(request, forward, head, content, status, now);
        invalidated.whenComplete((done, failed) -> answer.complete(whole));
    }

    /** Gives the stored response that the origin has validated. */
    void validated(Outcome.Freshen freshen, Instant now) {
        CacheStatus status = CacheStatus.forwarded(decision.reason(), 304, freshen.stays(), false, null);
        StoredResponse freshened = freshen.freshened();
        give(cache.answers().validated(request, freshened, status, now), freshened);
    }

    /** Gives a stale stored response in place of an error. */
    void stale(StoredResponse stored, Reason why, Instant now) {
        CacheStatus status = CacheStatus.hit(stored.freshness().ttl(now), why);
        give(cache.answers().stored(request, stored, status, now), stored);
    }

    /** Gives an answer with a stored response: if its body is lost, the origin is asked again. */
    private void give(Answer made, StoredResponse stored) {
        Origin from = origin;
        if (from == null || stored.body().isHere()) {
            answer.complete(made);
        } else {
            FarAnswers.begun(cache, request, from, made, stored).thenAccept(answer::complete);
        }
    }

    void error(int status, String sentence, Reason why, Instant now) {
        CacheStatus forwarded = CacheStatus.failed(decision.reason(), why);
        answer.complete(cache.answers().error(status, sentence, forwarded, now));
    }

    /** Whether the stored response answers if this one breaks off: then nobody sees it before it is whole (RFC 5861 §4). */
    boolean yieldsToStale(Instant now) {
        return decision instanceof Decision.Revalidate revalidate
                && Reception.mayServeInsteadOfError(request.head(), revalidate.stored(), now);
    }

    /** Gives what replaces a response that broke off, or did not come: the whole, the stale stored response, or an error. */
    void failed(OriginException failure) {
        boolean byOrigin = failure.kind() != OriginException.Kind.CLIENT;
        if (decision instanceof Decision.Complete && byOrigin) {
            fetchWhole();
        } else if (!answer.isDone() && decision instanceof Decision.Revalidate revalidate && byOrigin) {
            unreachable(revalidate.stored(), failure);
        } else if (!answer.isDone()) {
            error(failure.kind().status(), failure.sentence(), reason(failure), cache.now());
        }
    }

    private void unreachable(StoredResponse stored, OriginException failure) {
        if (Reception.mayServeDisconnected(stored)) {
            stale(stored, Reason.STALE_ORIGIN_UNREACHABLE, cache.now());
        } else { // RFC 9111 §5.2.2.2
            int status = failure.kind() == OriginException.Kind.BUSY ? 503 : 504;
            error(status, failure.sentence(), reason(failure), cache.now());
        }
    }

    private static Reason reason(OriginException failure) {
        return failure.kind() == OriginException.Kind.TIMEOUT ? Reason.ORIGIN_TIMEOUT : Reason.ORIGIN_FAILED;
    }

    /** Drops the stored beginning, and fetches the whole in its place, unless a part of it is with the client already. */
    void fetchWhole() {
        cache.store().invalidate(request.key());
        Origin from = origin;
        if (from != null && !answer.isDone()) {
            cache.anew(request, from, new Decision.Miss(Reason.PARTIAL)).thenAccept(answer::complete);
        }
    }
}
