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
 * Request coalescing: at most one fetch leads for each variant of a key, and further requests wait for its response as
 * followers. A key whose response could not be shared is a hit-for-miss for {@link #REMEMBERED}: its next requests are
 * forwarded at once.
 *
 * <p>Between the lookup of a request and its becoming the leader, another leader may have stored the response and left.
 * If {@link #departures} has changed in that time, the new leader repeats the lookup.
 */
final class Coalescing {
    private static final Duration REMEMBERED = Duration.ofSeconds(30);

    /** A hit-for-miss is prolonged when this time has passed, not by each of its responses. */
    private static final long PROLONGED_MILLIS = REMEMBERED.toMillis() / 3;

    private static final int MAX_HITS_FOR_MISS = 100_000;
    private static final int USUAL_KEY = 128;
    private static final int STRIPES = 1024;

    /** Number of followers served by the thread that delivers the response. */
    private static final int AT_ONCE = 8;

    /**
     * A group of requests that share one leader.
     *
     * @param variant the variant of the key; empty if no response to the key is known
     */
    record Place(CacheKey key, String variant) {}

    private final ConcurrentMap<Place, CoalescedFetch> leaders = new ConcurrentHashMap<>();
    private final AtomicLongArray departures = new AtomicLongArray(STRIPES);
    private final AtomicLongArray overtakings = new AtomicLongArray(STRIPES);
    private final Executor threads;
    private final Duration maxWait;
    private final int maxWaiters;
    private final InstantSource clock;

    /** The times of the last prolongation in milliseconds, by key. */
    private final Cache<CacheKey, Long> hitForMiss;

    Coalescing(InstantSource clock, Duration maxWait, int maxWaiters, Executor threads) {
        this.clock = clock;
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

    /** The weight of a hit-for-miss key: one, plus one for each {@link #USUAL_KEY} characters that clients control. */
    private static int weight(CacheKey key, Long prolonged) {
        int parts = key.parts() == null ? 0 : key.parts().length();
        return 1 + (key.target().pathAndQuery().length() + parts) / USUAL_KEY;
    }

    /** The longest time a follower waits for the leader's response. */
    Duration maxWait() {
        return maxWait;
    }

    /**
     * Eligibility of a request for coalescing: its response may be shared, and it asks neither for a part nor for a
     * fresher response than other requests.
     */
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
     * The leader for a variant of {@code key}. {@code mine} becomes the leader if there is none, or if the current one
     * may fetch a response that was purged since its start.
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

    /** A counter that changes whenever a leader for {@code key} leaves. */
    long departures(CacheKey key) {
        return departures.get(stripe(key));
    }

    /** A counter that changes whenever fetches for {@code key} become out of date. */
    long overtakings(CacheKey key) {
        return overtakings.get(stripe(key));
    }

    private static int stripe(CacheKey key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & (STRIPES - 1);
    }

    /** Removes the leader: new requests no longer join its fetch. */
    void leave(Place place, CoalescedFetch fetch) {
        departures.incrementAndGet(stripe(place.key())); // first, so that the next leader sees the change
        leaders.remove(place, fetch);
    }

    /** Marks fetches for this key as out of date: new requests no longer join them. */
    void overtaken(CacheKey key) {
        departures.incrementAndGet(stripe(key));
        overtakings.incrementAndGet(stripe(key));
    }

    /** True if one more follower may wait for this response; otherwise the follower is forwarded. */
    boolean mayWait(CoalescedFetch leader, int waiter) {
        return waiter <= maxWaiters || leader.landing().isDone();
    }

    /**
     * The meaning of the leader's response for a follower; {@link Landing#PRIVATE} after {@link #maxWait}. Most followers
     * continue on {@link #threads}, so that thousands of them do not delay the thread that delivers the response.
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

    /**
     * Makes this key a hit-for-miss because its response could not be shared, unless the request was one that is never
     * coalesced.
     */
    void rememberHitForMiss(CacheKey key, RequestHead request, Decision decision) {
        boolean ofItsOwn = !request.isGet()
                || request.cacheControl().noStore()
                || Validation.isConditional(request)
                || decision instanceof Decision.Bypass;
        if (ofItsOwn) {
            return;
        }
        long now = clock.millis();
        Long prolonged = hitForMiss.getIfPresent(key);
        if (prolonged == null || now - prolonged >= PROLONGED_MILLIS || now < prolonged) {
            hitForMiss.put(key, now);
        }
    }

    /** Ends the hit-for-miss of this key, because its response may be shared: requests are coalesced again. */
    void forgetHitForMiss(CacheKey key) {
        hitForMiss.invalidate(key);
    }
}
