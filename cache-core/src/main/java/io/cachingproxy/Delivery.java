package io.cachingproxy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the origin's response to its recipients: the store ({@link FillSession}), the followers of a coalesced fetch
 * ({@link CoalescedFetch}) and the client ({@link ClientAnswer}). The body reaches them through one {@link Flight}.
 *
 * <pre>
 *   received: the storage decision
 *      │
 *      ├─ Store ──────▶ body to the store; head to the followers, if it may be shared; response to the client
 *      ├─ Relay ──────▶ followers fetch for themselves; response to the client
 *      ├─ Freshen ────▶ stored response updated; it answers the followers and the client
 *      └─ ServeStale ─▶ followers fetch for themselves; the stale response answers the client
 *   complete, fail or end: all recipients are released
 * </pre>
 *
 * <p>Thread-safe in the same way as {@link Exchange}, whose state decides which of the methods run.
 */
final class Delivery {
    @SuppressWarnings("UnnecessaryLambda") // listens to nothing any more
    private static final Consumer<OriginException> REPORTED = fault -> {};

    private final HttpCache cache;
    private final CacheRequest request;
    private final CacheKey key;
    private final Decision decision;
    private final StoreTime time;
    private final Flight flight;
    private final FillSession fill;
    private final CoalescedFetch coalesced;
    private final ClientAnswer answer;
    private final AtomicReference<Consumer<OriginException>> faults = new AtomicReference<>(REPORTED);

    /**
     * The delivery that begins with a response head.
     *
     * @param outcome the storage decision
     * @param state of the exchange from now on
     * @param relayed the head for the client; null if another answer replaces the response
     * @param status the Cache-Status of {@code relayed}; null without it
     * @param answering answers the client, after the state is set
     */
    record Begun(
            Outcome outcome,
            ResponseState state,
            @Nullable ResponseHead relayed,
            @Nullable CacheStatus status,
            Runnable answering) {}

    Delivery(HttpCache cache, CacheRequest request, RequestHead forward, Decision decision, StoreTime time) {
        this.cache = cache;
        this.request = request;
        this.key = request.key();
        this.decision = decision;
        this.time = time;
        this.flight = new Flight(cache.store().memory(), cache.threads());
        this.fill = new FillSession(cache, request, flight);
        this.coalesced = new CoalescedFetch(cache, key, flight, fill);
        this.answer = new ClientAnswer(cache, request, forward, decision);
        if (!(decision instanceof Decision.Bypass)) {
            fill.open(key);
        }
    }

    CoalescedFetch coalesced() {
        return coalesced;
    }

    ClientAnswer answer() {
        return answer;
    }

    /** Sets the error listener: called once, before readers see the failure. */
    void onFault(Consumer<OriginException> sink) {
        faults.set(sink);
    }

    /** Sets the action that cancels the fetch when its response has no reader and is not stored. */
    void onAbort(Runnable action) {
        flight.onAbort(action);
    }

    /**
     * Decides about the head of a response and begins its delivery.
     *
     * @param requestedAt the time at which the request was sent
     * @param now the time at which the head was received
     * @param withheld whether the response is for this client only, regardless of its head
     */
    Begun received(ResponseHead response, Instant requestedAt, Instant now, boolean withheld) {
        Outcome judged = request.judge(decision, response, requestedAt, now);
        Outcome outcome = withheld ? withheld(judged) : judged;
        if (outcome.reason() == Reason.SUPERSEDED) {
            cache.store().invalidate(key);
        }
        CompletionStage<Boolean> invalidated =
                time.bound(cache.invalidations().apply(request, response).thenApply(done -> true), false);
        if (decision instanceof Decision.Bypass && outcome instanceof Outcome.Store) {
            fill.open(key.asGet()); // for a POST, only now: after its own invalidation
        }
        if (outcome instanceof Outcome.Freshen freshen) {
            return freshen(freshen, now);
        }
        if (outcome instanceof Outcome.ServeStale stale) {
            return replace(outcome, Landing.PRIVATE, () -> answer.stale(stale.stored(), stale.reason(), now));
        }
        return relay(outcome, response, invalidated, now);
    }

    private static Outcome withheld(Outcome judged) {
        if (judged instanceof Outcome.Store) {
            return new Outcome.Relay(Reason.RESPONSE_PRIVATE);
        }
        return judged instanceof Outcome.Freshen freshen ? new Outcome.Freshen(freshen.freshened(), false) : judged;
    }

    private Begun freshen(Outcome.Freshen freshen, Instant now) {
        StoredResponse freshened = freshen.freshened();
        if (FillSession.isTooLarge(freshened)) {
            return refuse(freshen, "the origin's headers are too large", now);
        }
        StoredResponse stored = ((Decision.Revalidate) decision).stored();
        if (!freshen.stays() || !fill.freshen(stored, freshened)) {
            cache.store().invalidate(key);
        }
        Landing landed = freshen.stays() ? new Landing.Confirmed(freshened) : Landing.PRIVATE;
        return replace(freshen, landed, () -> answer.validated(freshen, now));
    }

    private Begun refuse(Outcome outcome, String sentence, Instant now) {
        report(new OriginException(OriginException.Kind.FAILED, sentence, null));
        cache.store().invalidate(key);
        return replace(outcome, Landing.PRIVATE, () -> answer.error(502, sentence, Reason.ORIGIN_FAILED, now));
    }

    /** Drops the body of the response, because another answer replaces it. */
    private Begun replace(Outcome outcome, Landing landed, Runnable answering) {
        end(landed);
        return new Begun(outcome, ResponseState.REPLACED, null, null, answering);
    }

    private Begun relay(Outcome outcome, ResponseHead response, CompletionStage<Boolean> invalidated, Instant now) {
        boolean stores = outcome instanceof Outcome.Store && fill.keep(response);
        Landing landed = stores ? kept((Outcome.Store) outcome, response, now) : Landing.PRIVATE;
        if (!stores) {
            fill.close();
        }
        CacheStatus status = status(outcome, response, stores);
        ResponseHead head = cache.answers().relayed(request, response, status, now);
        coalesced.announce(landed, request, decision);
        Content content = answer.isRead() ? flight.join() : null;
        Runnable show = () -> {
            coalesced.land(landed);
            if (content != null) {
                answer.relay(head, content, status, invalidated, now);
            }
        };
        ResponseState.Receiving received = new ResponseState.Receiving(outcome, response);
        return stores && content != null && answer.yieldsToStale(now)
                ? new Begun(outcome, new ResponseState.Withheld(received, show), head, status, () -> {})
                : new Begun(outcome, received, head, status, show);
    }

    private CacheStatus status(Outcome outcome, ResponseHead response, boolean stores) {
        Reason detail = stores ? null : outcome instanceof Outcome.Store ? Reason.TOO_LARGE : outcome.reason();
        if (detail != null) {
            cache.events().tell(it -> it.onNotStored(request, detail));
        }
        Reason shown = detail == decision.reason() ? null : detail;
        return CacheStatus.forwarded(decision.reason(), response.status(), stores, false, shown);
    }

    /** The outcome for the followers of a response that is being stored. */
    private Landing kept(Outcome.Store store, ResponseHead response, Instant now) {
        cache.guarded().learn(key, response);
        return Reuse.answersOthers(store.freshness(), now)
                ? new Landing.Shared(request.stored(store, response))
                : Landing.PRIVATE; // stored, but must be validated for each request (RFC 9111 §4)
    }

    /** The head for a client that still gets the response after the end of the exchange. */
    ResponseHead relayedLate(ResponseHead response) {
        CacheStatus status = CacheStatus.forwarded(decision.reason(), response.status(), false, false, null);
        return cache.answers().relayed(request, response, status, cache.now());
    }

    /** Delivers a piece of the body; see {@link Flight#push}. */
    void push(Chunk chunk, long length, boolean last, Runnable next) {
        flight.push(chunk, length, last, next);
    }

    /** Returns true while the whole body is in memory and may be stored; see {@link Flight#isKept}. */
    boolean isKept() {
        return flight.isKept();
    }

    /** Number of bytes of the body so far. */
    long received() {
        return flight.received();
    }

    /**
     * Stores the complete response, if it is to be stored, and then ends the body.
     *
     * @param show makes a withheld response visible
     */
    void complete(ResponseState.Receiving received, Headers trailers, Runnable show) {
        if (!(received.outcome() instanceof Outcome.Store store && flight.isKept())) {
            fill.close();
            coalesced.leave();
            flight.end(trailers);
            show.run();
            return;
        }
        StoredResponse whole = request.stored(store, received.head());
        CompletionStage<Boolean> commit = fill.commit(whole);
        commit.whenComplete((stored, failed) -> {
            coalesced.leave();
            if (Boolean.TRUE.equals(stored)) {
                cache.events().tell(it -> it.onStored(request, whole));
            }
        });
        time.bound(commit, false).whenComplete((stored, failed) -> {
            flight.end(trailers);
            show.run();
        });
    }

    /** Ends the delivery with a failure: nothing is stored, and readers see the failure. */
    void fail(OriginException failure) {
        fill.close();
        try {
            report(failure);
        } finally {
            coalesced.leave(Landing.PRIVATE);
            flight.fail(failure);
            answer.failed(failure);
        }
    }

    /** Reports a failure to the error listener, the first time only, and to the cache listener. */
    void report(OriginException failure) {
        faults.getAndSet(REPORTED).accept(failure);
        cache.events().tell(it -> it.onOriginFailed(request, failure));
    }

    /** Stores nothing more, and tells the followers what the response means for them. */
    void end(Landing landed) {
        fill.close();
        coalesced.leave(landed);
    }
}
