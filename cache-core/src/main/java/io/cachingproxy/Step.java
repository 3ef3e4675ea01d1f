package io.cachingproxy;

import io.cachingproxy.policy.StoredResponse;
import org.jspecify.annotations.Nullable;

/** What is to be done for a request, once the store was asked. */
public sealed interface Step {
    /**
     * Write {@code answer}.
     *
     * @param refresh to begin once the answer was written; null: nothing to do
     * @param far the stored response whose body is read, if it may break off because it is not in this process; else null
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

    /** Forward {@link Exchange#forward()}, and push what comes back. */
    record Forward(Exchange exchange) implements Step {}
}
