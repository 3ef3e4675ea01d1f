package io.cachingproxy.jetty.tracing;

import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.origin.OriginTracing;
import io.cachingproxy.policy.Decision;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The spans of one request. Its fetches may outlive it. */
public interface TracedRequest {
    /** No spans. */
    TracedRequest NO_SPANS = new TracedRequest() {
        @Override
        public Consumer<Decision> lookup() {
            return decision -> {};
        }

        @Override
        public OriginTracing fetches() {
            return OriginTracing.NO_SPANS;
        }

        @Override
        public @Nullable String traceId() {
            return null;
        }

        @Override
        public void ended(AnsweredRequest request) {}
    };

    /** Begins the lookup in the store; the decision ends it. */
    Consumer<Decision> lookup();

    /** Traces what is sent to the origin for this request. */
    OriginTracing fetches();

    /** The id of the trace, 32 digits; null without a span. */
    @Nullable
    String traceId();

    /** The response has ended. */
    void ended(AnsweredRequest request);
}
