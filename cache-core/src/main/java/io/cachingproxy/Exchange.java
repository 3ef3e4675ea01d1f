package io.cachingproxy;

import io.cachingproxy.coding.EncodedBody;
import io.cachingproxy.coding.Negotiated;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.HopByHop;
import io.cachingproxy.http.fields.Trailers;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.parts.Partial;
import io.cachingproxy.policy.parts.Validation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request that is forwarded, and its response. The caller that forwards {@link #forward()} pushes the response: one
 * {@link #onHead}, any number of {@link #onBody}, at most one {@link #onLastBody}, one {@link #onComplete}; or
 * {@link #onFailure} at any point, after which all calls are ignored.
 *
 * <p>With an {@link Origin}, the client reads from the cache. In a servlet chain, where a servlet writes the response
 * to the client, the result of {@link #onHead} tells whether that response may be sent ({@link Outcome.Store},
 * {@link Outcome.Relay}: with the head {@link #relayed()}) or is replaced by {@link #answerInstead()}.
 *
 * <h2>End</h2>
 *
 * An exchange ends exactly once: by {@link #onComplete}, {@link #onFailure}, or a callback that throws. The thread that
 * sets {@link ResponseState} to {@code Ended} also ends the {@link Delivery}: the storing, the followers' wait, the
 * readers and the answer.
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

    private final HttpCache cache;
    private final CacheRequest request;
    private final Decision decision;
    private final RequestHead forward;
    private final FetchTimer timer;
    private final Delivery delivery;
    private final ClientAnswer answer;
    private final AtomicReference<ResponseState> state = new AtomicReference<>(ResponseState.OPEN);
    private volatile Runnable abort = () -> {};
    /** Set when no reader is left: a response that ends early is then no failure of the origin. */
    private volatile boolean abandoned;

    /** Set if the response is for this client only, regardless of its head. */
    private volatile boolean withheld;

    private volatile @Nullable ResponseHead relayed;

    /** Set if an {@link Origin} sends the response; in a servlet chain, a servlet writes it. */
    private volatile boolean fetched;

    /** Set if the content is dropped, because a response with this status has none. */
    private volatile boolean emptied;

    /** Encodes the body, if a rule compresses the response; set before the first piece. */
    private volatile @Nullable EncodedBody encoded;

    /** Receives the content as the origin sends it; null without a listener. */
    private volatile @Nullable ContentListener observed;

    private final AtomicInteger attempts = new AtomicInteger();

    /** Set if the caller writes the answer to its client, and listeners are notified of its end. */
    private volatile @Nullable WrittenAnswer written;

    Exchange(HttpCache cache, CacheRequest request, Decision decision, StoreTime time) {
        this.cache = cache;
        this.request = request;
        this.decision = decision;
        this.timer = new FetchTimer(cache.now());
        RequestHead whole = request.treatment().forwarded(request.whole(decision));
        this.forward = forwarded(whole, decision, cache.answers().via());
        this.delivery = new Delivery(cache, request, forward, decision, time);
        this.answer = delivery.answer();
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

    /** Counts an attempt: the request is sent to a server of the origin. */
    public void onAttempt() {
        attempts.incrementAndGet();
    }

    /** Number of attempts so far; 0 if the origin adapter counts none. */
    public int attempts() {
        return attempts.get();
    }

    /** The time that the origin has taken so far. */
    public CacheListener.OriginTime originTime() {
        return timer.measured();
    }

    /** Reports the answer to the listeners, for a caller that writes it itself: the request began at {@code nanos}. */
    void reportsFrom(long nanos) {
        written = new WrittenAnswer(cache.events(), request, nanos, timer);
    }

    /** Sets the action that cancels the fetch when its response has no reader and is not stored. */
    public void onAbort(Runnable action) {
        abort = action;
        delivery.onAbort(this::cancel);
        if (abandoned) { // before this attempt began
            action.run();
        }
    }

    /** Cancels the fetch, because nobody wants its response any more. No failure of the origin. */
    public void cancel() {
        abandoned = true;
        closeEncoder();
        abort.run();
    }

    /** Sets the error listener: called once, before readers see the failure. */
    public void onFault(Consumer<OriginException> sink) {
        delivery.onFault(sink);
    }

    /**
     * Call this immediately before the request is sent: the age of the response counts from this moment (RFC 9111
     * §4.2.3).
     */
    public void onSent() {
        timer.onSent(cache.now());
        if (written != null) {
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
        return cache.events().fetched(answer.stage(), timer);
    }

    /** Sends the request to {@code from}, without a client. */
    void refresh(Origin from) {
        send(from, Content.empty());
    }

    private void send(Origin from, Content body) {
        fetched = true;
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
        return delivery.coalesced();
    }

    /**
     * The answer that replaces the pushed response, after {@link #onHead} returned {@code Freshen} or
     * {@code ServeStale}, or after an earlier {@link #onFailure}.
     */
    public CompletionStage<Answer> answerInstead() {
        WrittenAnswer reported = written;
        return reported == null ? answer.stage() : answer.stage().thenApply(reported::instead);
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
        if (!(ended() instanceof ResponseState.Ended)) {
            fail(failed(UNHANDLED, thrown));
        }
    }

    /** Handles a head that arrives after the end, which a servlet may still write to its client. */
    private Outcome passedOver(ResponseHead head) {
        if (relayed == null) {
            relayed = delivery.relayedLate(head);
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

    /**
     * The head without content, if the response is a 205 of an origin: a client that follows RFC 9110 §15.3.6 could take
     * the content for the next response.
     */
    private ResponseHead reset(ResponseHead head) {
        emptied = fetched && head.status() == 205;
        return emptied ? head.withHeaders(head.headers().with("Content-Length", "0")) : head;
    }

    private Outcome judged(ResponseHead received) {
        Instant now = cache.now();
        Duration took = timer.onHead(now);
        cache.events().tell(it -> it.onOriginResponse(request, received, took));
        observed = cache.events().content(request, received);
        ResponseHead response = reset(received);
        Negotiated coding = coding(response);
        ResponseHead coded = coding == null ? response : coding.head(response);
        Delivery.Begun begun = delivery.received(coded, timer.sentAt(), now, withheld);
        relayed = begun.relayed();
        WrittenAnswer reported = written;
        if (reported != null && begun.relayed() != null && begun.status() != null) {
            reported.onHead(begun.relayed(), begun.status());
        }
        boolean open = state.compareAndSet(ResponseState.OPEN, begun.state());
        if (!open || begun.state() instanceof ResponseState.Replaced) {
            closeEncoder();
        }
        begun.answering().run();
        return begun.outcome();
    }

    /**
     * The coding of the response; null if it is not the cache's. If memory is short, the response is not encoded: an
     * encoder takes memory until the last byte.
     */
    private @Nullable Negotiated coding(ResponseHead response) {
        Negotiated coding = request.coding(response, decision);
        if (coding == null
                || !coding.encodes(response)
                || response.isBodiless(request.head().method())) {
            return coding;
        }
        EncodedBody body = coding.tryBody(response, cache.store().memory());
        encoded = body;
        return body == null ? coding.withoutCoding() : coding;
    }

    /**
     * Receives the next piece of the body and releases it when done.
     *
     * @param next run once, possibly immediately, when another piece may follow
     */
    public void onBody(Chunk chunk, Runnable next) {
        take(chunk, false, next);
    }

    /**
     * {@link #onBody} for the last piece, if it is known to be the last: readers receive it together with the end. After
     * {@code next}, call {@link #onComplete} or {@link #onFailure} without waiting for anything.
     */
    public void onLastBody(Chunk chunk, Runnable next) {
        take(chunk, true, next);
    }

    private void take(Chunk chunk, boolean last, Runnable next) {
        try {
            receive(chunk, last, next);
        } catch (RuntimeException | Error broken) {
            broken(broken);
            throw broken;
        }
    }

    private void receive(Chunk chunk, boolean last, Runnable next) {
        ResponseState now = state.get();
        ContentListener listener = observed;
        if (listener != null) {
            listener.onContent(chunk.bytes());
        }
        if (!emptied && now instanceof ResponseState.Receiving) {
            push(chunk, last, next);
        } else if (!emptied && now instanceof ResponseState.Withheld withheld) {
            push(chunk, last, next);
            boolean tooLarge = !delivery.isKept(); // to be stored, and so to be withheld
            if (tooLarge && state.compareAndSet(withheld, withheld.received())) {
                withheld.show().run();
            }
        } else {
            chunk.release();
            next.run();
        }
    }

    private void push(Chunk chunk, boolean last, Runnable next) {
        EncodedBody encoder = encoded;
        if (encoder == null) {
            delivery.push(chunk, chunk.length(), last, next);
            return;
        }
        int length = chunk.length();
        ByteBuffer bytes;
        try {
            bytes = encoder.encode(chunk.bytes());
        } finally {
            chunk.release();
        }
        if (bytes.hasRemaining()) {
            delivery.push(Chunk.of(bytes), length, false, next); // the encoder has the rest
        } else {
            next.run();
        }
    }

    private void closeEncoder() {
        EncodedBody encoder = encoded;
        if (encoder != null) {
            encoder.close();
        }
    }

    /** The response is complete according to its message framing. */
    public void onComplete(Headers received) {
        Headers trailers = Trailers.permitted(received);
        ResponseState was = ended();
        try {
            if (was instanceof ResponseState.Open) {
                fail(failed("the response ended before its head", null));
            } else if (was instanceof ResponseState.Receiving receiving) {
                complete(receiving, trailers, () -> {});
            } else if (was instanceof ResponseState.Withheld withheld) {
                complete(withheld.received(), trailers, withheld.show());
            } else if (was instanceof ResponseState.Replaced) {
                contentEnded(true);
            }
        } catch (RuntimeException | Error broken) {
            fail(failed(UNHANDLED, broken));
            throw broken;
        }
    }

    private void complete(ResponseState.Receiving received, Headers trailers, Runnable show) {
        EncodedBody encoder = encoded;
        boolean whole = encoder == null ? received.isWhole(request.head(), delivery.received()) : encoder.isWhole();
        if (whole && encoder != null) {
            delivery.onAbort(() -> {}); // nothing is left to be aborted
            ByteBuffer last = encoder.finish();
            if (last.hasRemaining()) {
                delivery.push(Chunk.of(last), last.remaining(), true, () -> {});
            }
        }
        if (!whole) {
            OriginException.Kind kind = abandoned ? OriginException.Kind.CLIENT : OriginException.Kind.FAILED;
            fail(new OriginException(kind, "the response is not as long as it said", null));
        } else {
            contentEnded(true);
            WrittenAnswer reported = written;
            delivery.complete(
                    received,
                    encoder == null ? trailers : Negotiated.trailers(trailers),
                    reported == null
                            ? show
                            : () -> {
                                show.run();
                                reported.onEnd(delivery.received(), true);
                            });
        }
    }

    /** Reports the end of the content, once: only the callback that ends the exchange calls this. */
    private void contentEnded(boolean complete) {
        ContentListener listener = observed;
        if (listener != null) {
            observed = null;
            listener.onEnd(complete);
        }
    }

    private void fail(OriginException failure) {
        contentEnded(false);
        closeEncoder();
        try {
            delivery.fail(failure);
        } finally {
            WrittenAnswer reported = written;
            if (reported != null) {
                reported.onEnd(delivery.received(), false);
            }
        }
    }

    /** The response, or the request, is incomplete: nothing is stored, and readers see a failure. */
    public void onFailure(OriginException failure) {
        ResponseState was = ended();
        if (was instanceof ResponseState.Replaced) {
            contentEnded(false);
            delivery.report(failure);
        } else if (!(was instanceof ResponseState.Ended)) {
            fail(failure);
        }
    }

    /** Ends the response, and returns the state before. */
    private ResponseState ended() {
        timer.onEnd(cache.now());
        return state.getAndSet(ResponseState.ENDED);
    }

    /**
     * Ends the exchange without forwarding, because a response stored meanwhile answers the leader and its followers.
     */
    void abandon(StoredResponse stored) {
        end(new Landing.Confirmed(stored));
    }

    private void end(Landing landed) {
        state.set(ResponseState.ENDED);
        delivery.end(landed);
    }
}
