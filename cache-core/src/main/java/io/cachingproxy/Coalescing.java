package io.cachingproxy;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.parts.Validation;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;

/**
 * Which requests wait for another one's response, and for how long: at most one exchange leads for a variant of a
 * key. A key whose response could not be shared is remembered for {@link #REMEMBERED}, so that the next ones do not wait in
 * vain.
 *
 * <p>Between asking the store and becoming leader, another leader may have stored the very response and left. Who sees
 * that {@link #departures} changed meanwhile asks the store again.
 */
final class Coalescing {
    private static final Duration REMEMBERED = Duration.ofSeconds(30);
    private static final int MAX_HITS_FOR_MISS = 100_000;
    private static final int USUAL_KEY = 128;
    private static final int STRIPES = 1024;

    /** So many waiters are served by the thread that brings the response. */
    private static final int AT_ONCE = 8;

    /**
     * A place of a leader.
     *
     * @param variant which requests for the key wait for it; empty where no response to the key is known
     */
    record Place(CacheKey key, String variant) {}

    private final ConcurrentMap<Place, CoalescedFetch> leaders = new ConcurrentHashMap<>();
    private final AtomicLongArray departures = new AtomicLongArray(STRIPES);
    private final AtomicLongArray overtakings = new AtomicLongArray(STRIPES);
    private final Executor threads;
    private final Duration maxWait;
    private final int maxWaiters;
    private final Cache<CacheKey, Boolean> hitForMiss;

    Coalescing(InstantSource clock, Duration maxWait, int maxWaiters, Executor threads) {
        this.threads = threads;
        this.maxWait = maxWait;
        this.maxWaiters = maxWaiters;
        this.hitForMiss = Caffeine.newBuilder()
                .maximumWeight(MAX_HITS_FOR_MISS)
                .weigher(Coalescing::weight)
                .expireAfterWrite(REMEMBERED)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .executor(Runnable::run)
                .build();
    }

    /** The weight of a remembered key: one, and one more for each {@link #USUAL_KEY} characters of what clients chose. */
    private static int weight(CacheKey key, Boolean hitForMiss) {
        int parts = key.parts() == null ? 0 : key.parts().length();
        return 1 + (key.target().pathAndQuery().length() + parts) / USUAL_KEY;
    }

    /** For how long one waits for another's response at most. */
    Duration maxWait() {
        return maxWait;
    }

    /** Whether others may wait for this request, and it for others: it asks for all of what everybody asks for. */
    boolean admits(CacheRequest asked, Decision decision) {
        RequestHead request = asked.treatment().beforeResponse().seen(asked.head());
        boolean asksForItself = decision.reason() == Reason.REQUEST_NO_CACHE
                || decision.reason() == Reason.REQUEST_MAX_AGE
                || decision.reason() == Reason.REQUEST_MIN_FRESH;
        return (request.isGet() || request.isDigestedQuery())
                && !asksForItself
                && !request.cacheControl().noStore()
                && !(decision instanceof Decision.Miss && Validation.isConditional(request))
                && asked.treatment().coalesces()
                && hitForMiss.getIfPresent(asked.key()) == null;
    }

    /**
     * The leader for a variant of {@code key}, which is made of {@code mine} if there was none, or if what it fetches may be
     * what was purged since.
     */
    CoalescedFetch leadOrFind(CacheKey key, String variant, Supplier<CoalescedFetch> mine) {
        Place place = new Place(key, variant);
        CoalescedFetch found = leaders.get(place);
        return found != null && found.isCurrent()
                ? found
                : leaders.compute(place, (at, leader) -> {
                    if (leader != null && leader.isCurrent()) {
                        return leader;
                    }
                    CoalescedFetch leading = mine.get();
                    leading.leadsAt(at, overtakings(key));
                    return leading;
                });
    }

    /** A number that changes whenever a leader for {@code key} leaves. */
    long departures(CacheKey key) {
        return departures.get(stripe(key));
    }

    /** A number that changes whenever what is being fetched for {@code key} is out of date. */
    long overtakings(CacheKey key) {
        return overtakings.get(stripe(key));
    }

    private static int stripe(CacheKey key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & (STRIPES - 1);
    }

    /** New requests no longer wait for this fetch. */
    void leave(Place place, CoalescedFetch fetch) {
        departures.incrementAndGet(stripe(place.key())); // first: who takes the place sees that the number has changed
        leaders.remove(place, fetch);
    }

    /** What is being fetched for this key is out of date: who asks from now on does not wait for it. */
    void overtaken(CacheKey key) {
        departures.incrementAndGet(stripe(key));
        overtakings.incrementAndGet(stripe(key));
    }

    /** Whether one more may wait for this response; the others are forwarded on their own. */
    boolean mayWait(CoalescedFetch leader, int waiter) {
        return waiter <= maxWaiters || leader.landing().isDone();
    }

    /**
     * What the leader's response means for the one who waits; nothing, if that took too long. Only some learn it on the
     * thread that brings the response, so that thousands do not hold it up.
     */
    CompletionStage<Landing> landing(CoalescedFetch leader, int waiter) {
        CompletableFuture<Landing> landing = leader.landing();
        if (landing.isDone()) {
            return landing;
        }
        CompletableFuture<Landing> known =
                landing.copy().completeOnTimeout(Landing.PRIVATE, maxWait.toMillis(), TimeUnit.MILLISECONDS);
        return waiter <= AT_ONCE ? known : known.thenApplyAsync(landed -> landed, threads);
    }

    /** Makes this key a hit-for-miss: its response could not be shared. Not if the request was one for itself alone. */
    void rememberHitForMiss(CacheKey key, RequestHead request, Decision decision) {
        boolean ofItsOwn = !request.isGet()
                || request.cacheControl().noStore()
                || Validation.isConditional(request)
                || decision instanceof Decision.Bypass;
        if (!ofItsOwn) {
            hitForMiss.put(key, Boolean.TRUE);
        }
    }

    /** Lets requests for this key wait again: its response is shared. */
    void forgetHitForMiss(CacheKey key) {
        hitForMiss.invalidate(key);
    }
}
