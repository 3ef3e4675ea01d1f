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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The answer to the client of a forwarded request: the origin's response, a stored response in its place, or an error.
 * Only the first one given counts. In a servlet chain, and for a background revalidation, no client reads from the
 * cache.
 */
final class ClientAnswer {
    /** Maximum number of interim responses relayed; more indicate an attack or a mistake and are dropped. */
    private static final int MAX_INTERIMS = 10;

    /** An interim response has no content (RFC 9110 §15.2): its Content-Length would frame the final one. */
    private static final Set<String> CONTENT_LENGTH = Set.of("content-length");

    private final HttpCache cache;
    private final CacheRequest request;
    private final RequestHead forward;
    private final Decision decision;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private volatile @Nullable Origin origin;
    private volatile Interim interim = (status, headers) -> {};
    private int interims;

    /**
     * Creates the answer to a request.
     *
     * @param forward the request as it is sent to the origin
     */
    ClientAnswer(HttpCache cache, CacheRequest request, RequestHead forward, Decision decision) {
        this.cache = cache;
        this.request = request;
        this.forward = forward;
        this.decision = decision;
    }

    /** Completes when the answer is known; never fails. */
    CompletionStage<Answer> stage() {
        return answer;
    }

    /** Marks that a client reads from the cache; requests can be repeated at {@code from}. */
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
            interim.relay(status, HopByHop.strip(headers).without(CONTENT_LENGTH));
        }
    }

    /**
     * Answers with the origin's response, once {@code invalidated} completes, so that invalidated responses are removed
     * by then.
     */
    void relay(
            ResponseHead head, Content content, CacheStatus status, CompletionStage<Boolean> invalidated, Instant now) {
        Answer whole = cache.answers().leading(request, forward, head, content, status, now);
        invalidated.whenComplete((done, failed) -> {
            answer.complete(whole);
            if (whole.content() != content) { // only now: the fetch fails when its last reader leaves
                content.cancel();
            }
        });
    }

    /** Answers with the stored response that the origin has validated. */
    void validated(Outcome.Freshen freshen, Instant now) {
        CacheStatus status = CacheStatus.forwarded(decision.reason(), 304, freshen.stays(), false, null);
        StoredResponse freshened = freshen.freshened();
        give(cache.answers().validated(request, freshened, status, now), freshened);
    }

    /** Answers with a stale stored response in place of an error. */
    void stale(StoredResponse stored, Reason why, Instant now) {
        CacheStatus status = CacheStatus.hit(stored.freshness().ttl(now), why);
        give(cache.answers().stored(request, stored, status, now), stored);
    }

    /** Answers with a stored response; if its body is lost, the request is forwarded again. */
    private void give(Answer made, StoredResponse stored) {
        Origin from = origin;
        if (from == null || stored.body().isHere()) {
            answer.complete(made);
        } else {
            RemoteAnswers.begun(cache, request, from, made, stored).thenAccept(answer::complete);
        }
    }

    void error(int status, String sentence, Reason why, Instant now) {
        CacheStatus forwarded = CacheStatus.failed(decision.reason(), why);
        answer.complete(cache.answers().error(status, sentence, forwarded, now));
    }

    /**
     * True if a stale response replaces an incomplete one; the response is then withheld until complete (RFC 5861 §4).
     */
    boolean yieldsToStale(Instant now) {
        return decision instanceof Decision.Revalidate revalidate
                && Reception.mayServeInsteadOfError(request.head(), revalidate.stored(), now);
    }

    /** Answers after a failed fetch: with the complete response, the stale stored response, or an error. */
    void failed(OriginException failure) {
        boolean byOrigin = !failure.kind().isOfClient();
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

    /**
     * Drops the stored partial response and fetches the complete one, unless the client has received a part already.
     */
    void fetchWhole() {
        cache.store().invalidate(request.key());
        Origin from = origin;
        if (from != null && !answer.isDone()) {
            cache.serving()
                    .fetch(request, Content.empty(), from, new Decision.Miss(Reason.PARTIAL))
                    .thenAccept(answer::complete);
        }
    }
}
