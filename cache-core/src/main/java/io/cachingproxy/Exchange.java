package io.cachingproxy;

import io.cachingproxy.http.Body;
import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.ContentRange;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.HopByHop;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Partial;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.Reception;
import io.cachingproxy.policy.Reuse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Validation;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request that is forwarded, and what comes back. Whoever forwards it sends {@link #forward()} and then pushes: one
 * {@link #onHead}, any number of {@link #onBody}, one {@link #onComplete}; or {@link #onFailure} at any point, after
 * which nothing counts. Calls follow one another; they may come from different threads.
 *
 * <p>An exchange always ends: by {@link #onComplete}, {@link #onFailure}, or a callback that throws. Then no request waits
 * for it any more.
 *
 * <p>In front of an {@link Origin} the client reads from the cache. In a chain, where a servlet writes the response to the
 * client, {@link #onHead} tells whether that response may go out ({@link Outcome.Store}, {@link Outcome.Relay}: with the
 * head {@link #relayed()}) or gives way to {@link #answerInstead()}.
 */
public final class Exchange {
    /** More interim responses than this are an attack or a mistake: the rest is dropped. */
    private static final int MAX_INTERIMS = 10;

    /** More field lines, or more characters of them, are not stored under one response. */
    private static final int MAX_FIELDS = 256;

    private static final int MAX_HEAD = 128 * 1024;

    private final HttpCache cache;
    private final RequestHead request;
    private final CacheKey key;
    private final Decision decision;
    private final RequestHead forward;
    private final StoreTime time;
    private final Flight flight;
    private @Nullable Fill fill;
    private final CompletableFuture<Landing> landing = new CompletableFuture<>();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    private final AtomicInteger waiters = new AtomicInteger();
    private volatile Instant requestedAt;
    private volatile @Nullable Interim interim;
    private int interims;
    private volatile Runnable leaving = () -> {};
    private volatile Consumer<OriginException> faults = fault -> {};
    private volatile Runnable abort = () -> {};
    /** Nobody reads any more: what breaks off then is no fault of the origin. */
    private volatile boolean abandoned;

    private @Nullable Origin origin;
    private volatile boolean closed;
    private boolean stores;
    private @Nullable Runnable held;
    private @Nullable Content beginning;
    private @Nullable Outcome outcome;
    private @Nullable ResponseHead received;
    private @Nullable ResponseHead relayed;

    Exchange(HttpCache cache, RequestHead request, Decision decision, StoreTime time) {
        this.cache = cache;
        this.request = request;
        this.key = CacheKey.of(request);
        this.decision = decision;
        this.time = time;
        this.requestedAt = cache.now();
        this.flight = new Flight(cache.store().memory(), cache.threads());
        this.forward = forwarded(
                cache.whole(request, decision), decision, cache.answers().via());
        this.fill = decision instanceof Decision.Bypass ? null : cache.fill(key);
    }

    private static RequestHead forwarded(RequestHead request, Decision decision, String via) {
        if (decision instanceof Decision.Complete complete) {
            RequestHead rest = Partial.forTheRest(request, complete.stored());
            return rest.withHeaders(HopByHop.strip(rest.headers()).plus("Via", via));
        }
        RequestHead base = decision instanceof Decision.Revalidate revalidate
                        && revalidate.stored().hasValidator()
                ? Validation.conditional(request, revalidate.stored())
                : request;
        return base.withHeaders(HopByHop.strip(base.headers()).plus("Via", via));
    }

    /** The request as it is to be sent: hop-by-hop fields removed, conditions of the cache in place of the client's. */
    public RequestHead forward() {
        return forward;
    }

    /** Why the request is forwarded. */
    public Reason reason() {
        return decision.reason();
    }

    /** Sets how the fetch is stopped if nobody wants its response any more. */
    public void onAbort(Runnable action) {
        abort = action;
        flight.onAbort(() -> {
            abandoned = true;
            action.run();
        });
    }

    /** Sets the error listener: called once, before readers see the failure. */
    public void onFault(Consumer<OriginException> sink) {
        faults = sink;
    }

    /** The request is about to be sent: the age of the response counts from now on (RFC 9111 §4.2.3). */
    public void onSent() {
        requestedAt = cache.now();
    }

    /**
     * Sends the request to {@code from}, whose response is read by the client, and by others from the cache.
     *
     * @param body the content of the request
     * @return the answer for the client, to be read or cancelled; it never fails: errors are answers, too
     */
    CompletionStage<Answer> fetch(Origin from, Content body) {
        origin = from;
        send(from, body);
        return answer;
    }

    /** The same without a client. */
    void refresh(Origin from) {
        send(from, Content.empty());
    }

    private void send(Origin from, Content body) {
        try {
            onSent();
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

    /**
     * The answer for the client in place of the response that was pushed, after {@link #onHead} said {@code Freshen} or
     * {@code ServeStale}, or {@link #onFailure} came before it.
     */
    public CompletionStage<Answer> answerInstead() {
        return answer;
    }

    /** The head that goes to the client, after {@link #onHead} said {@code Store} or {@code Relay}. */
    public ResponseHead relayed() {
        if (relayed == null) {
            throw new IllegalStateException("no response to relay");
        }
        return relayed;
    }

    void onInterims(Interim sink) {
        interim = sink;
    }

    /** Takes an interim response, for the client that caused the request and for no other. */
    public void onInterim(int status, Headers headers) {
        Interim sink = interim;
        if (sink != null && !answer.isDone() && interims++ < MAX_INTERIMS) {
            sink.relay(status, HopByHop.strip(headers));
        }
    }

    /** Takes the head of the final response and says what becomes of it. */
    public Outcome onHead(ResponseHead head) {
        return ended(() -> judge(head));
    }

    /** Runs a callback of the origin. One that fails ends the exchange: nobody waits for the rest. */
    private <T> T ended(Supplier<T> callback) {
        try {
            return callback.get();
        } catch (RuntimeException | Error broken) {
            onFailure(failed("the response could not be handled", broken));
            throw broken;
        }
    }

    private Outcome judge(ResponseHead head) {
        if (closed || received != null) {
            return passedOver(head);
        }
        ResponseHead response = completed(head);
        if (response == null) {
            startOver();
            return new Outcome.Relay(Reason.PARTIAL_NOT_STORED);
        }
        received = response;
        Outcome judged = cache.judge(request, decision, response, requestedAt);
        outcome = judged;
        if (judged.reason() == Reason.SUPERSEDED) {
            cache.store().invalidate(key);
        }
        CompletionStage<Boolean> invalidated =
                time.bound(cache.invalidate(request, response).thenApply(done -> true), false);
        if (fill == null && judged instanceof Outcome.Store) { // of a POST, and only now: after what it invalidates
            fill = cache.fill(CacheKey.ofGet(request.target()));
        }
        take(judged, response, invalidated, cache.now());
        return judged;
    }

    /** Takes a head that comes too late, which a servlet may write to its client all the same. */
    private Outcome passedOver(ResponseHead head) {
        if (relayed == null) {
            CacheStatus status = CacheStatus.forwarded(decision.reason(), head.status(), false, false, null);
            relayed = cache.answers().relayed(head, status, cache.now());
        }
        return new Outcome.Relay(decision.reason());
    }

    private void take(Outcome judged, ResponseHead response, CompletionStage<Boolean> invalidated, Instant now) {
        if (judged instanceof Outcome.Freshen freshen && isTooLarge(freshen.freshened())) {
            refuse(now);
        } else if (judged instanceof Outcome.Freshen freshen) {
            freshen(freshen, now);
        } else if (judged instanceof Outcome.ServeStale stale) {
            leave();
            landing.complete(new Landing.Private());
            serveStale(stale.stored(), stale.reason(), now);
        } else {
            relay(judged, response, invalidated, now);
            if (beginning != null) {
                pushBeginning(beginning);
            }
        }
    }

    /** The head of the whole, if a stored beginning was asked to be completed; null if it cannot be with this response. */
    private @Nullable ResponseHead completed(ResponseHead head) {
        if (!(decision instanceof Decision.Complete complete) || head.status() == 200) {
            return head;
        }
        ResponseHead whole = Partial.whole(complete.stored(), head);
        beginning = whole == null ? null : complete.stored().body().read();
        return whole;
    }

    /** Gives up completing the stored beginning. */
    private void startOver() {
        close();
        leave();
        landing.complete(new Landing.Private());
        abort.run();
        beginningIsUseless();
    }

    /** Drops the stored beginning, and fetches the whole in its place, unless a part of it is with the client already. */
    private void beginningIsUseless() {
        cache.store().invalidate(key);
        Origin from = origin;
        if (from != null && !answer.isDone()) {
            cache.anew(request, from, new Decision.Miss(Reason.PARTIAL)).thenAccept(answer::complete);
        }
    }

    /** Puts the stored beginning in front of what the origin sends. It is in memory: {@link HttpCache} has seen to it. */
    private void pushBeginning(Content content) {
        try {
            for (Chunk chunk = content.read(); chunk != null && !chunk.isEnd(); chunk = content.read()) {
                onBody(chunk, () -> {});
            }
        } catch (IOException gone) {
            onFailure(failed("the stored beginning is gone", gone));
        }
    }

    /** Whether one 304 after another has made the head grow beyond what any origin may send at once. */
    private static boolean isTooLarge(StoredResponse merged) {
        Headers headers = merged.head().headers();
        return headers.size() > MAX_FIELDS || headers.length() > MAX_HEAD;
    }

    private void refuse(Instant now) {
        String tooLarge = "the origin's headers are too large";
        faults.accept(failed(tooLarge, null));
        cache.store().invalidate(key);
        leave();
        landing.complete(new Landing.Private());
        CacheStatus status = CacheStatus.failed(decision.reason(), Reason.ORIGIN_FAILED);
        answer.complete(cache.answers().error(502, tooLarge, status, now));
    }

    private void freshen(Outcome.Freshen freshen, Instant now) {
        StoredResponse freshened = freshen.freshened();
        if (freshen.stays() && fill != null) {
            fill.freshen(((Decision.Revalidate) decision).stored(), freshened);
        } else {
            cache.store().invalidate(key);
        }
        leave();
        landing.complete(freshen.stays() ? new Landing.Confirmed(freshened) : new Landing.Private());
        CacheStatus status = CacheStatus.forwarded(decision.reason(), 304, freshen.stays(), false, null);
        answer(cache.answers().validated(request, freshened, status, now), freshened);
    }

    private void serveStale(StoredResponse stored, Reason why, Instant now) {
        CacheStatus status = CacheStatus.hit(stored.freshness().ttl(now), why);
        answer(cache.answers().stored(request, stored, status, now), stored);
    }

    /** Answers with a stored response: if its body is lost, the origin is asked again. */
    private void answer(Answer made, StoredResponse stored) {
        Origin from = origin;
        if (from == null || stored.body().isHere()) {
            answer.complete(made);
        } else {
            FarAnswers.begun(cache, request, from, made, stored).thenAccept(answer::complete);
        }
    }

    private void relay(Outcome judged, ResponseHead response, CompletionStage<Boolean> invalidated, Instant now) {
        stores = judged instanceof Outcome.Store && fill != null && cache.fits(response);
        Reason detail = stores ? null : judged instanceof Outcome.Store ? Reason.TOO_LARGE : judged.reason();
        if (detail == decision.reason()) {
            detail = null;
        }
        CacheStatus status = CacheStatus.forwarded(decision.reason(), response.status(), stores, false, detail);
        ResponseHead head = cache.answers().relayed(response, status, now);
        relayed = head;
        Landing landed = landed(judged, response, now);
        if (!(landed instanceof Landing.Shared)) {
            // First: who comes between the two must not lead others into waiting.
            cache.collapsing().notShared(key, request, decision);
            leave();
        }
        Content content = origin == null ? null : flight.join();
        Runnable show = () -> {
            landing.complete(landed);
            if (content != null) {
                Answer whole = cache.answers().leading(request, forward, head, content, now);
                invalidated.whenComplete((done, failed) -> answer.complete(whole));
            }
        };
        if (stores && content != null && yieldsToStale(now)) {
            held = show;
        } else {
            show.run();
        }
    }

    /** Begins to keep the body, if it is stored, and says what that means for those who wait. */
    private Landing landed(Outcome judged, ResponseHead response, Instant now) {
        Fill filled = fill;
        if (!stores || filled == null || !(judged instanceof Outcome.Store store)) {
            return new Landing.Private();
        }
        Long length = response.headers().contentLength();
        flight.keep(length == null ? -1 : length, cache.maxObjectBytes(), piece -> takes(filled, piece));
        cache.learn(key, response);
        StoredResponse shared = stored(store, response, Body.EMPTY);
        if (!Reuse.answersOthers(shared.freshness(), now)) {
            return new Landing.Private(); // stored, but each one has to validate it (RFC 9111 §4)
        }
        cache.collapsing().shared(key);
        return new Landing.Shared(shared);
    }

    private boolean takes(Fill filled, ByteBuffer piece) {
        try {
            return filled.write(piece);
        } catch (RuntimeException broken) {
            cache.storeFailed(broken);
            return false;
        }
    }

    private static StoredResponse stored(Outcome.Store store, ResponseHead response, Body body) {
        return new StoredResponse(response.withHeaders(store.headers()), store.selection(), store.freshness(), body);
    }

    /** Whether the stored response answers if this one breaks off: then nobody sees it before it is whole (RFC 5861 §4). */
    private boolean yieldsToStale(Instant now) {
        return decision instanceof Decision.Revalidate revalidate
                && Reception.mayServeInsteadOfError(request, revalidate.stored(), now);
    }

    private void release() {
        Runnable show = held;
        held = null;
        if (show != null) {
            show.run();
        }
    }

    /**
     * Takes the next piece of the body, and releases it when it is done with it.
     *
     * @param next run once, maybe at once, when another piece may come
     */
    public void onBody(Chunk chunk, Runnable next) {
        if (closed || (!(outcome instanceof Outcome.Store) && !(outcome instanceof Outcome.Relay))) {
            chunk.release();
            next.run();
            return;
        }
        flight.push(chunk, next);
        if (held != null && !flight.isKept()) { // too large to be stored, and so to be waited for
            release();
        }
    }

    /** The response ended as it was framed. */
    public void onComplete(Headers trailers) {
        if (closed) {
            return;
        }
        ResponseHead response = received;
        if (response == null) {
            onFailure(failed("the response ended before its head", null));
            return;
        }
        if (relayed != null && !hasAnnouncedLength(response)) {
            OriginException.Kind kind = abandoned ? OriginException.Kind.CLIENT : OriginException.Kind.FAILED;
            onFailure(new OriginException(kind, "the response is not as long as it said", null));
            return;
        }
        closed = true;
        MemoryBody body = flight.complete();
        if (body == null || fill == null || !(outcome instanceof Outcome.Store store)) {
            discard();
            leave();
            flight.end(trailers);
            release();
            return;
        }
        CompletionStage<Boolean> commit = commit(fill, stored(store, response, body));
        commit.whenComplete((stored, failed) -> leave());
        time.bound(commit, false).whenComplete((stored, failed) -> {
            flight.end(trailers);
            release();
        });
    }

    private CompletionStage<Boolean> commit(Fill filled, StoredResponse response) {
        try {
            return filled.commit(response);
        } catch (RuntimeException broken) {
            cache.storeFailed(broken);
            return CompletableFuture.completedFuture(false);
        }
    }

    private boolean hasAnnouncedLength(ResponseHead response) {
        if (response.isBodiless(request.method())) {
            return true;
        }
        Long length = response.headers().contentLength();
        ContentRange part = response.status() == 206 ? ContentRange.of(response.headers()) : null;
        if (outcome instanceof Outcome.Store && part != null && part.count() != flight.received()) {
            return false;
        }
        return length == null || length == flight.received();
    }

    /** The response, or the request, broke off: nothing of it is stored, and nobody takes it for whole. */
    public void onFailure(OriginException failure) {
        if (closed) {
            return;
        }
        close();
        try {
            faults.accept(failure);
        } finally {
            leave();
            landing.complete(new Landing.Private());
            flight.fail(failure);
            if (decision instanceof Decision.Complete && failure.kind() != OriginException.Kind.CLIENT) {
                beginningIsUseless();
            } else if (!answer.isDone()) {
                answerFailure(failure, cache.now());
            }
        }
    }

    private void close() {
        closed = true;
        discard();
    }

    private void discard() {
        if (fill != null) {
            fill.discard();
        }
    }

    private void answerFailure(OriginException failure, Instant now) {
        int status = failure.kind().status();
        if (decision instanceof Decision.Revalidate revalidate && failure.kind() != OriginException.Kind.CLIENT) {
            if (Reception.mayServeDisconnected(revalidate.stored())) {
                serveStale(revalidate.stored(), Reason.STALE_ORIGIN_UNREACHABLE, now);
                return;
            }
            status = status == 503 ? 503 : 504; // RFC 9111 §5.2.2.2
        }
        Reason why = failure.kind() == OriginException.Kind.TIMEOUT ? Reason.ORIGIN_TIMEOUT : Reason.ORIGIN_FAILED;
        CacheStatus forwarded = CacheStatus.failed(decision.reason(), why);
        answer.complete(cache.answers().error(status, failure.sentence(), forwarded, now));
    }

    /** Gives back the lease under which this is fetched, as soon as nobody waits for it any more. */
    void onLeave(Runnable release) {
        leaving = release;
    }

    private void leave() {
        cache.collapsing().leave(key, this);
        leaving.run();
    }

    /** Nothing needs to be forwarded after all: what was stored meanwhile answers everybody. */
    void abandon(StoredResponse stored) {
        close();
        leave();
        landing.complete(new Landing.Confirmed(stored));
    }

    /** Whether new requests may still join this fetch; see {@link Fill#isCurrent}. */
    boolean isCurrent() {
        Fill filled = fill;
        return filled == null || filled.isCurrent();
    }

    /** Counts one who waits for this: which one it is. */
    int oneMoreWaits() {
        return waiters.incrementAndGet();
    }

    CompletableFuture<Landing> landing() {
        return landing;
    }

    /**
     * The answer for {@code follower}, who waited for this response: what it could be given from the store at this moment
     * (RFC 9111 §4). Null if it may not have it, or came too late.
     */
    Step.@Nullable Answered follow(RequestHead follower, Reason why, Landing landed) {
        Instant now = cache.now();
        if (landed instanceof Landing.Confirmed confirmed && mayHave(follower, confirmed.stored(), now)) {
            CacheStatus status = CacheStatus.forwarded(why, 304, false, true, null);
            Answer validated = cache.answers().stored(follower, confirmed.stored(), status, now);
            return Step.Answered.of(confirmed.stored(), validated, null);
        }
        if (landed instanceof Landing.Shared shared && mayHave(follower, shared.response(), now)) {
            Content content = flight.join();
            if (content != null) {
                StoredResponse response = shared.response();
                CacheStatus status = CacheStatus.forwarded(why, response.head().status(), false, true, null);
                return new Step.Answered(cache.answers()
                        .following(follower, response.head(), response.freshness(), content, status, now));
            }
        }
        return null;
    }

    private boolean mayHave(RequestHead follower, StoredResponse response, Instant now) {
        Decision made = cache.decide(follower, List.of(response), now);
        return made instanceof Decision.Hit || made instanceof Decision.Stale;
    }
}
