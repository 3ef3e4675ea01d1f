package io.cachingproxy;

import org.jspecify.annotations.Nullable;

/** What is to be done for a request, once the store was asked. */
public sealed interface Step {
    /**
     * Write {@code answer}.
     *
     * @param refresh to be driven once the answer was written, without a client (RFC 5861 §3); null: nothing to do
     */
    record Answered(Answer answer, @Nullable Exchange refresh) implements Step {}

    /** Forward {@link Exchange#forward()}, and push what comes back. */
    record Forward(Exchange exchange) implements Step {}
}
