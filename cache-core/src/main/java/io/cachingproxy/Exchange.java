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
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Validation;
import io.cachingproxy.store.Fill;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request that is forwarded, and what comes back. Whoever forwards it sends {@link #forward()} and then pushes: one
 * {@link #onHead}, any number of {@link #onBody}, one {@link #onComplete}; or {@link #onFailure} at any point, after
 * which nothing counts. Calls follow one another; they may come from different threads.
 *
 * <p>Who reads depends on who drives. In front of an {@link Origin} the client reads {@link #answer()}. In a chain,
 * where someone else writes the response to the client, {@link #onHead} tells whether that response may go out ({@link
 * Outcome.Store}, {@link Outcome.Relay}: with the head {@link #relayed()}) or gives way to the answer of the cache.
 */
public final class Exchange {
    private final HttpCache cache;
    private final RequestHead request;
    private final CacheKey key;
    private final Decision decision;
    private final RequestHead forward;
    private final Instant requestedAt;
    private final Flight flight = new Flight();
    private @Nullable Fill fill;
    private final CompletableFuture<Landing> landing = new CompletableFuture<>();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    /** More interim responses than this are an attack or a mistake: the rest is dropped. */
    private static final int MAX_INTERIMS = 10;

    /** More field lines, or more characters of them, are not stored under one response. */
    private static final int MAX_FIELDS = 256;

    private static final int MAX_HEAD = 128 * 1024;

    private final AtomicInteger waiters = new AtomicInteger();
    private volatile @Nullable Interim interim;
    private int interims;
    private volatile Runnable leaving = () -> {};
    private volatile Consumer<OriginException> faults = fault -> {};
    private volatile boolean read;
    private volatile boolean closed;
    private boolean stores;
    private @Nullable Runnable held;
    private @Nullable Content beginning;
    private @Nullable Outcome outcome;
    private @Nullable ResponseHead received;
    private @Nullable ResponseHead relayed;

    Exchange(HttpCache cache, RequestHead request, Decision decision) {
        this.cache = cache;
        this.request = request;
        this.key = CacheKey.of(request);
        this.decision = decision;
        this.requestedAt = cache.now();
        this.forward = forwarded(
                cache.whole(request, decision), decision, cache.answers().via());
        this.fill = decision instanceof Decision.Bypass ? null : cache.store().fill(key);
    }

    /** What the origin's answer means for those who wait for it. */
    sealed interface Landing {
        /** They may read along, if their selecting headers match. */
        record Shared(Outcome.Store store) implements Landing {}

        /** The stored response holds for them too. */
        record Confirmed(StoredResponse stored) implements Landing {}

        /** It is nothing for them. */
        record Private() implements Landing {}
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

    /** How the fetch can be stopped if nobody wants its body any more. */
    public void onAbort(Runnable abort) {
        flight.onAbort(abort);
    }

    /** Who is told what the origin, or the request, is to blame for, if this fails: once, and before anybody reads of it. */
    public void onFault(Consumer<OriginException> sink) {
        faults = sink;
    }

    /**
     * What the client gets; to be called before the request is forwarded, and then to be read or cancelled. Never fails:
     * errors are answers too.
     */
    public CompletionStage<Answer> answer() {
        read = true;
        return answer;
    }

    /**
     * What the client gets in place of the response that was pushed, after {@link #onHead} said {@code Freshen} or {@code
     * ServeStale}, or {@link #onFailure} came before it.
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
        Instant now = cache.now();
        ResponseHead response = completed(head);
        if (response == null) {
            onFailure(new OriginException(OriginException.Kind.FAILED, "the origin sent another part", null));
            return new Outcome.Relay(Reason.PARTIAL_NOT_STORED);
        }
        received = response;
        Outcome judged = cache.judge(request, decision, response, requestedAt);
        outcome = judged;
        if (judged.reason() == Reason.SUPERSEDED) {
            cache.store().invalidate(key);
        }
        CompletableFuture<Void> invalidated = cache.invalidate(request, response);
        if (fill == null && judged instanceof Outcome.Store) { // of a POST, and only now: after what it invalidates
            fill = cache.store().fill(CacheKey.ofGet(request.target()));
        }
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
        return judged;
    }

    /** The head of the whole, if this is the rest of a stored beginning, which then goes first. */
    private @Nullable ResponseHead completed(ResponseHead head) {
        if (!(decision instanceof Decision.Complete complete) || head.status() != 206 && head.status() != 416) {
            return head;
        }
        ResponseHead whole = Partial.whole(complete.stored(), head);
        beginning = whole == null ? null : complete.stored().body().read();
        return whole;
    }

    /** Puts the stored beginning in front of what the origin sends. It is in memory: {@link HttpCache} has seen to it. */
    private void pushBeginning(Content content) {
        try {
            for (Chunk chunk = content.read(); chunk != null && chunk != Content.END; chunk = content.read()) {
                onBody(chunk, () -> {});
            }
        } catch (IOException gone) {
            onFailure(new OriginException(OriginException.Kind.FAILED, "the stored beginning is gone", gone));
        }
    }

    /** Whether one 304 after another has made the head grow beyond what any origin may send at once. */
    private static boolean isTooLarge(StoredResponse merged) {
        Headers headers = merged.head().headers();
        return headers.size() > MAX_FIELDS || headers.length() > MAX_HEAD;
    }

    private void refuse(Instant now) {
        String tooLarge = "the origin's headers are too large";
        faults.accept(new OriginException(OriginException.Kind.FAILED, tooLarge, null));
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
        answer.complete(cache.answers().stored(request, freshened, status, now));
    }

    private void serveStale(StoredResponse stored, Reason why, Instant now) {
        CacheStatus status = CacheStatus.hit(stored.freshness().ttl(now), why);
        answer.complete(cache.answers().stored(request, stored, status, now));
    }

    private void relay(Outcome judged, ResponseHead response, CompletableFuture<Void> invalidated, Instant now) {
        stores = judged instanceof Outcome.Store && cache.fits(response);
        Reason detail = stores ? null : judged instanceof Outcome.Store ? Reason.TOO_LARGE : judged.reason();
        if (detail == decision.reason()) {
            detail = null;
        }
        CacheStatus status = CacheStatus.forwarded(decision.reason(), response.status(), stores, false, detail);
        ResponseHead head = cache.answers().relayed(response, status, now);
        relayed = head;
        if (stores) {
            Long length = response.headers().contentLength();
            flight.keep(length == null ? -1 : length);
            cache.shared(key, response);
        } else {
            // First: who comes between the two must not lead others into waiting.
            cache.collapsing().notShared(key, request, decision);
            leave();
        }
        Content content = read ? flight.join() : null;
        Landing landed = stores ? new Landing.Shared((Outcome.Store) judged) : new Landing.Private();
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
        if (closed || !(outcome instanceof Outcome.Store) && !(outcome instanceof Outcome.Relay)) {
            chunk.release();
            next.run();
            return;
        }
        Fill taking = fill;
        flight.push(chunk, bytes -> taking != null && taking.write(bytes), next);
        if (held != null && !flight.isKept()) { // too large to be stored, and so to be waited for
            release();
        }
    }

    /** The response ended as it was framed. */
    public void onComplete(Headers trailers) {
        ResponseHead response = received;
        if (closed || response == null) {
            return;
        }
        if (relayed != null && !hasAnnouncedLength(response)) {
            onFailure(new OriginException(OriginException.Kind.FAILED, "the response is not as long as it said", null));
            return;
        }
        closed = true;
        if (fill != null && stores && outcome instanceof Outcome.Store store) {
            commit(fill, store, response).whenComplete((stored, failed) -> {
                leave();
                flight.end(trailers);
                release();
            });
            return;
        }
        if (fill != null) {
            fill.discard();
        }
        flight.end(trailers);
    }

    private static CompletionStage<Boolean> commit(Fill fill, Outcome.Store store, ResponseHead response) {
        ResponseHead head = response.withHeaders(store.headers());
        return fill.commit(new StoredResponse(head, store.selection(), store.freshness(), Body.EMPTY));
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
        closed = true;
        faults.accept(failure);
        if (fill != null) {
            fill.discard();
        }
        leave();
        landing.complete(new Landing.Private());
        flight.fail(failure);
        if (!answer.isDone()) {
            answerFailure(failure, cache.now());
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
        closed = true;
        if (fill != null) {
            fill.discard();
        }
        leave();
        landing.complete(new Landing.Confirmed(stored));
    }

    /** Whether what it fetches is for those who ask now; see {@link Fill#isCurrent}. */
    boolean isCurrent() {
        Fill filled = fill;
        return filled == null || filled.isCurrent();
    }

    /** Counts one who waits for this: which one it is. */
    int oneMoreWaits() {
        return waiters.incrementAndGet();
    }

    CompletionStage<Landing> landing() {
        return landing;
    }

    /** The answer for {@code follower}, who waited for this response; null if it does not match, or came too late. */
    @Nullable
    Answer follow(RequestHead follower, Reason why, Landing landed) {
        Instant now = cache.now();
        if (landed instanceof Landing.Confirmed confirmed
                && confirmed.stored().selection().matches(follower.headers())) {
            CacheStatus status = CacheStatus.forwarded(why, 304, false, true, null);
            return cache.answers().stored(follower, confirmed.stored(), status, now);
        }
        if (landed instanceof Landing.Shared shared
                && received != null
                && shared.store().selection().matches(follower.headers())) {
            Content content = flight.join();
            if (content != null) {
                CacheStatus status = CacheStatus.forwarded(why, received.status(), false, true, null);
                ResponseHead head = received.withHeaders(shared.store().headers());
                return cache.answers().following(follower, head, shared.store().freshness(), content, status, now);
            }
        }
        return null;
    }
}
