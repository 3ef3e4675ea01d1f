package io.cachingproxy;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.fields.ContentRange;
import io.cachingproxy.policy.Outcome;

/**
 * State of the origin's response in an {@link Exchange}.
 *
 * <pre>{@code
 * Open ──▶ Withheld ──▶ Receiving      head: body goes to the readers, at once or only when it is whole
 * Open ───────────────▶ Receiving
 * Open ──▶ Replaced                    head: a stored response or an error answers in its place
 * each ──▶ Ended                       onComplete, onFailure, or a callback that throws
 * }</pre>
 */
sealed interface ResponseState {
    ResponseState OPEN = new Open();
    ResponseState REPLACED = new Replaced();
    ResponseState ENDED = new Ended();

    /** No final head was received. */
    record Open() implements ResponseState {}

    /** Head and body go to the readers; outcome is {@link Outcome.Store} or {@link Outcome.Relay}. */
    record Receiving(Outcome outcome, ResponseHead head) implements ResponseState {
        /** Whether {@code received} bytes are as many as the head announces (RFC 9110 §8.6, §14.4). */
        boolean isWhole(RequestHead request, long received) {
            if (head.isBodiless(request.method())) {
                return true;
            }
            ContentRange part = head.status() == 206 ? ContentRange.of(head.headers()) : null;
            if (outcome instanceof Outcome.Store && part != null && part.count() != received) {
                return false;
            }
            Long length = head.headers().contentLength();
            return length == null || length == received;
        }
    }

    /**
     * The response is withheld until it is complete, because a stale stored response replaces an incomplete one (RFC
     * 5861 §4).
     *
     * @param show makes it visible
     */
    record Withheld(Receiving received, Runnable show) implements ResponseState {}

    /** A stored response or an error answers; the body is dropped. */
    record Replaced() implements ResponseState {}

    /** The exchange is over; further events are ignored. */
    record Ended() implements ResponseState {}
}
