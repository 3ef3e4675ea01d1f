package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A fetch from the origin that other requests can join. These followers wait for its {@link Landing}, which completes
 * exactly once, and then call {@link #follow}. New requests may join until the fetch leaves {@link Coalescing}: at the
 * head if the response may not be shared, else when the response is stored. The lease under which this node fetches is
 * released at that moment, exactly once.
 *
 * <p>Thread-safe: {@link Exchange} calls it on the origin's threads, followers on their own.
 */
final class CoalescedFetch {
    private final HttpCache cache;
    private final CacheKey key;
    private final Flight flight;
    private final FillSession fill;
    private final CompletableFuture<Landing> landing = new CompletableFuture<>();
    private final AtomicInteger waiters = new AtomicInteger();
    private final AtomicReference<Runnable> lease = new AtomicReference<>(() -> {});
    private volatile Coalescing.@Nullable Place place;
    private volatile long overtakings;

    CoalescedFetch(HttpCache cache, CacheKey key, Flight flight, FillSession fill) {
        this.cache = cache;
        this.key = key;
        this.flight = flight;
        this.fill = fill;
    }

    /**
     * Makes this fetch the leader of {@code at}.
     *
     * @param before {@link Coalescing#overtakings} at this moment
     */
    void leadsAt(Coalescing.Place at, long before) {
        overtakings = before;
        place = at;
    }

    /**
     * True while new requests may join this fetch; false once its response may have been purged.
     */
    boolean isCurrent() {
        return fill.isCurrent() && cache.coalescing().overtakings(key) == overtakings;
    }

    /** Counts one more follower and returns its number. */
    int oneMoreWaits() {
        return waiters.incrementAndGet();
    }

    CompletableFuture<Landing> landing() {
        return landing;
    }

    /** Sets the action that releases the lease of this node. */
    void onLeave(Runnable release) {
        lease.set(release);
    }

    /** Ends the joining of new requests and releases the lease. */
    void leave() {
        Coalescing.Place led = place;
        if (led != null) {
            cache.coalescing().leave(led, this);
        }
        try {
            lease.getAndSet(() -> {}).run();
        } catch (RuntimeException broken) {
            cache.guarded().failed(broken);
        }
    }

    /** Ends the joining of new requests and completes the landing. */
    void leave(Landing landed) {
        leave();
        land(landed);
    }

    /** Tells the followers what the response means for them. */
    void land(Landing landed) {
        landing.complete(landed);
    }

    /** Updates the hit-for-miss state for new requests, before {@link #land}. */
    void announce(Landing landed, CacheRequest request, Decision decision) {
        if (landed instanceof Landing.Shared) {
            cache.coalescing().forgetHitForMiss(key);
        } else { // before leaving: the next request must not become a leader with followers
            cache.coalescing().rememberHitForMiss(key, request.head(), decision);
            leave();
        }
    }

    /**
     * The answer for {@code follower}, which waited for this response, if the store could reuse the response for it now
     * (RFC 9111 §4). Null if it could not, or if the beginning of the body is dropped already.
     */
    Step.@Nullable Answered follow(CacheRequest follower, Reason why, Landing landed) {
        Instant now = cache.now();
        if (landed instanceof Landing.Confirmed confirmed && mayHave(follower, confirmed.stored(), now)) {
            CacheStatus status = CacheStatus.forwarded(why, 304, false, true, null);
            Answer validated = cache.answers().stored(follower, confirmed.stored(), status, now);
            return Step.Answered.of(confirmed.stored(), validated, null);
        }
        if (landed instanceof Landing.Shared shared && mayHave(follower, shared.response(), now)) {
            return join(follower, why, shared.response(), now);
        }
        return null;
    }

    private Step.@Nullable Answered join(CacheRequest follower, Reason why, StoredResponse response, Instant now) {
        Content content = flight.join();
        if (content == null) {
            return null;
        }
        CacheStatus status = CacheStatus.forwarded(why, response.head().status(), false, true, null);
        Answer answer =
                cache.answers().following(follower, response.head(), response.freshness(), content, status, now);
        if (answer.content() != content) {
            content.cancel();
        }
        return new Step.Answered(answer);
    }

    private boolean mayHave(CacheRequest follower, StoredResponse response, Instant now) {
        Decision made = follower.decide(List.of(response), now);
        return made instanceof Decision.Hit || made instanceof Decision.Stale;
    }
}
