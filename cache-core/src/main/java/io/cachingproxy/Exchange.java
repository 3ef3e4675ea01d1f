package io.cachingproxy;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.HopByHop;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.parts.Partial;
import io.cachingproxy.policy.parts.Validation;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request that is forwarded, and its response. The caller that forwards {@link #forward()} pushes the response: one
 * {@link #onHead}, any number of {@link #onBody}, one {@link #onComplete}; or {@link #onFailure} at any point, after
 * which all calls are ignored.
 *
 * <p>With an {@link Origin}, the client reads from the cache. In a servlet chain, where a servlet writes the response
 * to the client, the result of {@link #onHead} tells whether that response may be sent ({@link Outcome.Store},
 * {@link Outcome.Relay}: with the head {@link #relayed()}) or is replaced by {@link #answerInstead()}.
 *
 * <h2>End</h2>
 *
 * An exchange ends exactly once: by {@link #onComplete}, {@link #onFailure}, or a callback that throws. The thread that
 * sets {@link ResponseState} to {@code Ended} also ends the storing ({@link FillSession}), the followers' wait
 * ({@link CoalescedFetch}), the readers ({@link Flight}) and the answer ({@link ClientAnswer}).
 *
 * <h2>Threads</h2>
 *
 * Callbacks are sequential, but may run on different threads. Only {@code onFailure} may run concurrently with another
 * callback, because a timeout ends a request that is stuck. All fields shared by callbacks are therefore final and
 * thread-safe, volatile or atomic, and a callback that was overtaken finds the state ended. Readers, followers and the
 * client run on any thread: they access {@code Flight}, {@code CoalescedFetch} and {@code ClientAnswer}, but not this
 * class.
 */
public final class Exchange {
    private static final String UNHANDLED = "the response could not be handled";

    @SuppressWarnings("UnnecessaryLambda") // listens to nothing any more
    private static final Consumer<OriginException> REPORTED = fault -> {};

    private final HttpCache cache;
    private final CacheRequest request;
    private final CacheKey key;
    private final Decision decision;
    private final RequestHead forward;
    private final StoreTime time;
    private final Flight flight;
    private final FillSession fill;
    private final CoalescedFetch coalesced;
    private final ClientAnswer answer;
    private final AtomicReference<ResponseState> state = new AtomicReference<>(ResponseState.OPEN);
    private final AtomicReference<Consumer<OriginException>> faults = new AtomicReference<>(REPORTED);
    private volatile Instant requestedAt;
    private volatile Runnable abort = () -> {};
    /** Set when no reader is left: a response that ends early is then no failure of the origin. */
    private volatile boolean abandoned;

    /** Set if the response is for this client only, regardless of its head. */
    private volatile boolean withheld;

    private volatile @Nullable ResponseHead relayed;

    /** When the request began, if the caller writes the answer and listeners are notified of its end; else 0. */
    private volatile long begun;

    private final AtomicReference<@Nullable Written> written = new AtomicReference<>();

    /** An answer that the caller writes to its client. */
    private record Written(ResponseHead head, CacheStatus status, long headAt) {}

    Exchange(HttpCache cache, CacheRequest request, Decision decision, StoreTime time) {
        this.cache = cache;
        this.request = request;
        this.key = request.key();
        this.decision = decision;
        this.time = time;
        this.requestedAt = cache.now();
        this.flight = new Flight(cache.store().memory(), cache.threads());
        RequestHead whole = request.treatment().forwarded(cache.whole(request, decision));
        this.forward = forwarded(whole, decision, cache.answers().via());
        this.fill = new FillSession(cache, request, flight);
        this.coalesced = new CoalescedFetch(cache, key, flight, fill);
        this.answer = new ClientAnswer(cache, request, decision);
        if (!(decision instanceof Decision.Bypass)) {
            fill.open(key);
        }
    }

    private static RequestHead forwarded(RequestHead request, Decision decision, String via) {
        RequestHead base = request;
        if (decision instanceof Decision.Complete complete) {
            base = Partial.forTheRest(request, complete.stored());
        } else if (decision instanceof Decision.Revalidate revalidate
                && revalidate.stored().hasValidator()) {
            base = Validation.conditional(request, revalidate.stored());
        }
        return base.withHeaders(HopByHop.strip(base.headers()).plus("Via", via));
    }

    /** The request to be sent: without hop-by-hop fields, and with the cache's conditions in place of the client's. */
    public RequestHead forward() {
        return forward;
    }

    /** Why the request is forwarded. */
    public Reason reason() {
        return decision.reason();
    }

    /** Reports the answer to the listeners, for a caller that writes it itself: the request began at {@code nanos}. */
    void reportsFrom(long nanos) {
        begun = nanos;
    }

    private void reportEnd(boolean complete) {
        Written answered = written.getAndSet(null);
        if (answered != null) {
            cache.events()
                    .written(
                            request,
                            answered.head(),
                            answered.status(),
                            flight.received(),
                            complete,
                            begun,
                            answered.headAt());
        }
    }

    /** Sets the action that cancels the fetch when its response has no reader and is not stored. */
    public void onAbort(Runnable action) {
        abort = action;
        flight.onAbort(() -> {
            abandoned = true;
            action.run();
        });
    }

    /** Sets the error listener: called once, before readers see the failure. */
    public void onFault(Consumer<OriginException> sink) {
        faults.set(sink);
    }

    /**
     * Call this immediately before the request is sent: the age of the response counts from this moment (RFC 9111
     * §4.2.3).
     */
    public void onSent() {
        requestedAt = cache.now();
        if (begun != 0) {
            cache.events().tell(it -> it.onForwarded(request, decision.reason()));
        }
    }

    /**
     * Sends the request to {@code from}; client and followers read the response from the cache.
     *
     * @param body the content of the request
     * @return the answer for the client, which must be read or cancelled; it never fails: errors are answers, too
     */
    CompletionStage<Answer> fetch(Origin from, Content body) {
        answer.readFrom(from);
        send(from, body);
        return answer.stage();
    }

    /** Sends the request to {@code from}, without a client. */
    void refresh(Origin from) {
        send(from, Content.empty());
    }

    private void send(Origin from, Content body) {
        try {
            onSent();
            cache.events().tell(it -> it.onForwarded(request, decision.reason()));
            from.fetch(forward, body, this);
        } catch (Throwable broken) {
            onFailure(failed("the origin adapter failed", broken));
            if (broken instanceof Error error) {
                throw error;
            }
        }
    }

    private static OriginException failed(String sentence, @Nullable Throwable cause) {
        return new OriginException(OriginException.Kind.FAILED, sentence, cause);
    }

    /** The fetch as seen by its followers. */
    CoalescedFetch coalesced() {
        return coalesced;
    }

    /**
     * The answer that replaces the pushed response, after {@link #onHead} returned {@code Freshen} or
     * {@code ServeStale}, or after an earlier {@link #onFailure}.
     */
    public CompletionStage<Answer> answerInstead() {
        long since = begun;
        return since == 0 ? answer.stage() : answer.stage().thenApply(it -> instead(it, since));
    }

    private Answer instead(Answer replacing, long since) {
        boolean writing = written.get() != null; // then the client has the head of another answer
        return writing ? replacing : cache.events().answered(request, replacing, since);
    }

    /** The head to be sent to the client, after {@link #onHead} returned {@code Store} or {@code Relay}. */
    public ResponseHead relayed() {
        ResponseHead head = relayed;
        if (head == null) {
            throw new IllegalStateException("no response to relay");
        }
        return head;
    }

    void onInterims(Interim sink) {
        answer.onInterims(sink);
    }

    /** Reserves the response for this client: it is neither stored nor shared. Call this before {@link #onHead}. */
    public void withhold() {
        withheld = true;
    }

    /** Receives an interim response; only the client of this request gets it. */
    public void onInterim(int status, Headers headers) {
        answer.relayInterim(status, headers);
    }

    /** Receives the head of the final response and returns the decision about it. */
    public Outcome onHead(ResponseHead head) {
        try {
            if (!(state.get() instanceof ResponseState.Open)) {
                return passedOver(head);
            }
            return decision instanceof Decision.Complete complete && head.status() != 200
                    ? joined(complete.stored(), head)
                    : judged(head);
        } catch (RuntimeException | Error broken) {
            broken(broken);
            throw broken;
        }
    }

    /** Ends the exchange after a callback that throws, even if another answer was to replace the response. */
    private void broken(Throwable thrown) {
        if (!(state.getAndSet(ResponseState.ENDED) instanceof ResponseState.Ended)) {
            fail(failed(UNHANDLED, thrown));
        }
    }

    /** Handles a head that arrives after the end, which a servlet may still write to its client. */
    private Outcome passedOver(ResponseHead head) {
        if (relayed == null) {
            CacheStatus status = CacheStatus.forwarded(decision.reason(), head.status(), false, false, null);
            relayed = cache.answers().relayed(request, head, status, cache.now());
        }
        return new Outcome.Relay(decision.reason());
    }

    /**
     * Joins a stored partial response and its rest (RFC 9111 §3.4), or fetches the complete response if they do not
     * match.
     */
    private Outcome joined(StoredResponse beginning, ResponseHead rest) {
        ResponseHead whole = Partial.whole(beginning, rest);
        if (whole == null) {
            end(Landing.PRIVATE);
            abort.run();
            answer.fetchWhole();
            return new Outcome.Relay(Reason.PARTIAL_NOT_STORED);
        }
        Outcome judged = judged(whole);
        pushBeginning(beginning.body().read());
        return judged;
    }

    /** Pushes the stored partial body before the origin's. It is in memory: {@link HttpCache} ensures that. */
    private void pushBeginning(Content content) {
        try {
            for (Chunk chunk = content.read(); chunk != null && !chunk.isEnd(); chunk = content.read()) {
                onBody(chunk, () -> {});
            }
        } catch (IOException gone) {
            onFailure(failed("the stored beginning is gone", gone));
        }
    }

    private Outcome judged(ResponseHead response) {
        Duration took = Duration.between(requestedAt, cache.now());
        cache.events().tell(it -> it.onOriginResponse(request, response, took));
        Outcome judged = toBeKept(cache.judge(request, decision, response, requestedAt));
        if (judged.reason() == Reason.SUPERSEDED) {
            cache.store().invalidate(key);
        }
        CompletionStage<Boolean> invalidated =
                time.bound(cache.invalidate(request, response).thenApply(done -> true), false);
        if (decision instanceof Decision.Bypass && judged instanceof Outcome.Store) {
            fill.open(key.asGet()); // for a POST, only now: after its own invalidation
        }
        Instant now = cache.now();
        if (judged instanceof Outcome.Freshen freshen) {
            freshen(freshen, now);
        } else if (judged instanceof Outcome.ServeStale stale) {
            replace(Landing.PRIVATE);
            answer.stale(stale.stored(), stale.reason(), now);
        } else {
            relay(judged, response, invalidated, now);
        }
        return judged;
    }

    private Outcome toBeKept(Outcome judged) {
        if (withheld && judged instanceof Outcome.Store) {
            return new Outcome.Relay(Reason.RESPONSE_PRIVATE);
        }
        return withheld && judged instanceof Outcome.Freshen freshen
                ? new Outcome.Freshen(freshen.freshened(), false)
                : judged;
    }

    private void freshen(Outcome.Freshen freshen, Instant now) {
        StoredResponse freshened = freshen.freshened();
        if (FillSession.isTooLarge(freshened)) {
            refuse("the origin's headers are too large", now);
            return;
        }
        StoredResponse stored = ((Decision.Revalidate) decision).stored();
        if (!freshen.stays() || !fill.freshen(stored, freshened)) {
            cache.store().invalidate(key);
        }
        replace(freshen.stays() ? new Landing.Confirmed(freshened) : Landing.PRIVATE);
        answer.validated(freshen, now);
    }

    private void refuse(String sentence, Instant now) {
        report(failed(sentence, null));
        cache.store().invalidate(key);
        replace(Landing.PRIVATE);
        answer.error(502, sentence, Reason.ORIGIN_FAILED, now);
    }

    /** Drops the body of the response, because another answer replaces it. */
    private void replace(Landing landed) {
        state.compareAndSet(ResponseState.OPEN, ResponseState.REPLACED);
        fill.close();
        coalesced.leave(landed);
    }

    private void relay(Outcome judged, ResponseHead response, CompletionStage<Boolean> invalidated, Instant now) {
        boolean stores = judged instanceof Outcome.Store && fill.keep(response);
        Landing landed = stores ? kept((Outcome.Store) judged, response, now) : Landing.PRIVATE;
        if (!stores) {
            fill.close();
        }
        CacheStatus status = status(judged, response, stores);
        ResponseHead head = cache.answers().relayed(request, response, status, now);
        relayed = head;
        if (begun != 0) {
            written.set(new Written(head, status, System.nanoTime()));
        }
        coalesced.announce(landed, request, decision);
        Content content = answer.isRead() ? flight.join() : null;
        Runnable show = () -> {
            coalesced.land(landed);
            if (content != null) {
                answer.relay(forward, head, content, status, invalidated, now);
            }
        };
        ResponseState.Receiving received = new ResponseState.Receiving(judged, response);
        if (stores && content != null && answer.yieldsToStale(now)) {
            state.compareAndSet(ResponseState.OPEN, new ResponseState.Withheld(received, show));
        } else {
            state.compareAndSet(ResponseState.OPEN, received);
            show.run();
        }
    }

    private CacheStatus status(Outcome judged, ResponseHead response, boolean stores) {
        Reason detail = stores ? null : judged instanceof Outcome.Store ? Reason.TOO_LARGE : judged.reason();
        if (detail != null) {
            cache.events().tell(it -> it.onNotStored(request, detail));
        }
        Reason told = detail == decision.reason() ? null : detail;
        return CacheStatus.forwarded(decision.reason(), response.status(), stores, false, told);
    }

    /** What a response that is being stored means for the followers. */
    private Landing kept(Outcome.Store store, ResponseHead response, Instant now) {
        cache.learn(key, response);
        return Reuse.answersOthers(store.freshness(), now)
                ? new Landing.Shared(stored(store, response))
                : Landing.PRIVATE; // stored, but must be validated for each request (RFC 9111 §4)
    }

    private StoredResponse stored(Outcome.Store store, ResponseHead response) {
        Set<String> tags = request.response(response).tags(store.headers());
        return new StoredResponse(
                response.withHeaders(store.headers()), store.selection(), store.freshness(), Body.EMPTY, tags);
    }

    /**
     * Receives the next piece of the body and releases it when done.
     *
     * @param next run once, possibly immediately, when another piece may follow
     */
    public void onBody(Chunk chunk, Runnable next) {
        try {
            take(chunk, next);
        } catch (RuntimeException | Error broken) {
            broken(broken);
            throw broken;
        }
    }

    private void take(Chunk chunk, Runnable next) {
        ResponseState now = state.get();
        if (now instanceof ResponseState.Receiving) {
            flight.push(chunk, next);
        } else if (now instanceof ResponseState.Withheld withheld) {
            flight.push(chunk, next);
            boolean tooLarge = !flight.isKept(); // to be stored, and so to be withheld
            if (tooLarge && state.compareAndSet(withheld, withheld.received())) {
                withheld.show().run();
            }
        } else {
            chunk.release();
            next.run();
        }
    }

    /** The response is complete according to its message framing. */
    public void onComplete(Headers trailers) {
        ResponseState was = state.getAndSet(ResponseState.ENDED);
        try {
            if (was instanceof ResponseState.Open) {
                fail(failed("the response ended before its head", null));
            } else if (was instanceof ResponseState.Receiving received) {
                complete(received, trailers, () -> {});
            } else if (was instanceof ResponseState.Withheld withheld) {
                complete(withheld.received(), trailers, withheld.show());
            }
        } catch (RuntimeException | Error broken) {
            fail(failed(UNHANDLED, broken));
            throw broken;
        }
    }

    private void complete(ResponseState.Receiving received, Headers trailers, Runnable show) {
        if (!received.isWhole(request.head(), flight.received())) {
            OriginException.Kind kind = abandoned ? OriginException.Kind.CLIENT : OriginException.Kind.FAILED;
            fail(new OriginException(kind, "the response is not as long as it said", null));
        } else if (received.outcome() instanceof Outcome.Store store && flight.isKept()) {
            StoredResponse whole = stored(store, received.head());
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
            reportEnd(true);
        } else {
            fill.close();
            coalesced.leave();
            flight.end(trailers);
            show.run();
            reportEnd(true);
        }
    }

    /** The response, or the request, is incomplete: nothing is stored, and readers see a failure. */
    public void onFailure(OriginException failure) {
        ResponseState was = state.getAndSet(ResponseState.ENDED);
        if (was instanceof ResponseState.Replaced) {
            report(failure);
        } else if (!(was instanceof ResponseState.Ended)) {
            fail(failure);
        }
    }

    private void fail(OriginException failure) {
        fill.close();
        try {
            report(failure);
        } finally {
            coalesced.leave(Landing.PRIVATE);
            flight.fail(failure);
            answer.failed(failure);
            reportEnd(false);
        }
    }

    private void report(OriginException failure) {
        faults.getAndSet(REPORTED).accept(failure);
        cache.events().tell(it -> it.onOriginFailed(request, failure));
    }

    /**
     * Ends the exchange without forwarding, because a response stored meanwhile answers the leader and its followers.
     */
    void abandon(StoredResponse stored) {
        end(new Landing.Confirmed(stored));
    }

    private void end(Landing landed) {
        state.set(ResponseState.ENDED);
        fill.close();
        coalesced.leave(landed);
    }
}
