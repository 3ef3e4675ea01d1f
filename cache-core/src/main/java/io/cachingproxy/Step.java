package io.cachingproxy;

import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.StoredResponse;
import org.jspecify.annotations.Nullable;

/** How a request is handled, after the store was asked. */
public sealed interface Step {
    /**
     * Send {@code answer} to the client.
     *
     * @param refresh to begin once the answer was written; null without a revalidation
     * @param far the stored response whose body is read, if reading may fail because the body is remote; else null
     */
    record Answered(
            Answer answer,
            @Nullable Refresh refresh,
            @Nullable StoredResponse far) implements Step {
        Answered(Answer answer) {
            this(answer, null, null);
        }

        Answered with(Answer other) {
            return other == answer ? this : new Answered(other, refresh, far);
        }

        static Answered of(StoredResponse stored, Answer answer, @Nullable Refresh refresh) {
            return new Answered(answer, refresh, stored.body().isHere() ? null : stored);
        }
    }

    /** Forward {@link Exchange#forward()}, and push the response into the exchange. */
    record Forward(Exchange exchange) implements Step {
        /** Forwards without coalescing. */
        static Step alone(HttpCache cache, CacheRequest request, Decision decision, StoreTime time) {
            return new Forward(new Exchange(cache, request, decision, time));
        }
    }
}
