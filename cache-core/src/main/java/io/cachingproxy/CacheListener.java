package io.cachingproxy;

import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Purge;
import io.cachingproxy.store.StoreListener;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Receives the events of a cache, for metrics, logs and traces. All methods do nothing by default.
 *
 * <p>The events of a request occur in this order: {@link #onRequest}; {@link #onDecision}, if the store was asked;
 * {@link #onCoalesced} or {@link #onForwarded}; {@link #onOriginResponse}; {@link #onStored} or {@link #onNotStored};
 * {@link #onAnswered}. The rules that matched are in {@link CacheRequest#treatment()}.
 *
 * <p>Methods are called on the threads that serve requests and must not block. An exception thrown by a listener does
 * not affect the request; the first one is logged.
 */
public interface CacheListener extends StoreListener {
    /**
     * Returns true, the default, if this listener receives the events of hits from {@link HttpCache#hit}. A server that
     * reports its hits itself returns false, which avoids the cost of these events. The value is read once.
     */
    default boolean observesHits() {
        return true;
    }

    /** A request was received. */
    default void onRequest(CacheRequest request) {}

    /** The reuse decision was made: answer from the store, or forward, with the reason. */
    default void onDecision(CacheRequest request, Decision decision) {}

    /** A request waits for the fetch of another request. */
    default void onCoalesced(CacheRequest request) {}

    /** A request is sent to the origin. */
    default void onForwarded(CacheRequest request, Reason why) {}

    /**
     * The origin sent the head of its response.
     *
     * @param head of the origin's response
     * @param time since the request was sent
     */
    default void onOriginResponse(CacheRequest request, ResponseHead head, Duration time) {}

    /**
     * Asks for a listener of the content of the origin's response: its bytes before the cache applies a coding. Called
     * once for each response, after {@link #onOriginResponse}. A stored beginning that the response completes is part of
     * the content, and of {@code head} (RFC 9111 §3.4).
     *
     * @param head of the origin's response
     * @return null if the content is of no interest; then it costs nothing
     */
    default @Nullable ContentListener onOriginContent(CacheRequest request, ResponseHead head) {
        return null;
    }

    /** The fetch failed: the origin was unreachable, sent an incomplete response, or was too slow. */
    default void onOriginFailed(CacheRequest request, OriginException failure) {}

    /** A response was stored. */
    default void onStored(CacheRequest request, StoredResponse response) {}

    /** A response was not stored. */
    default void onNotStored(CacheRequest request, Reason why) {}

    /** The client has received its answer, or stopped reading it. */
    default void onAnswered(CacheRequest request, Answered answered) {}

    /** Stored responses were purged, in this process. */
    default void onPurged(Purge purge) {}

    /**
     * The outcome of a request.
     *
     * @param head of the answer
     * @param status the content of the Cache-Status field
     * @param bytes of content that the client has read
     * @param complete whether the client has read all of the content
     * @param toHead from the request to the head of the answer, including the wait for the origin
     * @param inAll from the request to the end of the content
     * @param origin the part of the time that the origin took; null if the request was not sent to the origin, as for
     *     hits and for requests that waited for the fetch of another request
     */
    record Answered(
            ResponseHead head,
            CacheStatus status,
            long bytes,
            boolean complete,
            Duration toHead,
            Duration inAll,
            @Nullable OriginTime origin) {}

    /**
     * The time that the origin took for a request, by the clock of the cache. If the request was sent to the origin more
     * than once, the time is that of the last attempt before the head of the answer.
     *
     * @param toHead from the sending of the request to the head of the response; null if no head was received
     * @param inAll from the sending of the request to the end of the response or its failure; null if the answer ended
     *     before, for example because the client stopped reading, or a 304 response was answered from the store
     */
    record OriginTime(@Nullable Duration toHead, @Nullable Duration inAll) {}
}
