package io.cachingproxy;

import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.StoreListener;
import java.time.Duration;

/**
 * Is told what a cache does, for metrics, logs and traces. Each method does nothing by default.
 *
 * <p>The events of a request come in this order: {@link #onRequest}; {@link #onDecision}, where the store was asked; {@link
 * #onCoalesced} or {@link #onForwarded}; {@link #onOriginResponse}; {@link #onStored} or {@link #onNotStored}; {@link
 * #onAnswered}. The rules that matched are {@link CacheRequest#treatment()}'s.
 *
 * <p>Methods are called on the threads that do the work, so they must not block. One that throws costs no request; it is
 * logged once.
 */
public interface CacheListener extends StoreListener {
    /** A request came in. */
    default void onRequest(CacheRequest request) {}

    /** What is done with a request was decided: from the store, or forwarded, and for which reason. */
    default void onDecision(CacheRequest request, Decision decision) {}

    /** A request waits for the fetch of another one. */
    default void onCoalesced(CacheRequest request) {}

    /** A request is sent to the origin. */
    default void onForwarded(CacheRequest request, Reason why) {}

    /**
     * The origin answered.
     *
     * @param head of its response
     * @param time since the request was sent
     */
    default void onOriginResponse(CacheRequest request, ResponseHead head, Duration time) {}

    /** The fetch failed: the origin could not be reached, broke off, or was too slow. */
    default void onOriginFailed(CacheRequest request, OriginException failure) {}

    /** A response was stored. */
    default void onStored(CacheRequest request, StoredResponse response) {}

    /** A response was not stored. */
    default void onNotStored(CacheRequest request, Reason why) {}

    /** The client has its answer, or gave up reading it. */
    default void onAnswered(CacheRequest request, Answered answered) {}

    /** Something was purged, in this process. */
    default void onPurged(Purge purge) {}

    /**
     * The end of a request.
     *
     * @param head of the answer
     * @param status what Cache-Status says
     * @param bytes of content that the client took
     * @param complete whether it took all
     * @param toHead from the request to the head of the answer, the wait for the origin included
     * @param inAll from the request to the end of the content
     */
    record Answered(
            ResponseHead head, CacheStatus status, long bytes, boolean complete, Duration toHead, Duration inAll) {}
}
