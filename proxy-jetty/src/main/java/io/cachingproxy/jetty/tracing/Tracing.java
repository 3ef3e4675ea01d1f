package io.cachingproxy.jetty.tracing;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.jetty.events.Redaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Traces the requests of a proxy: with spans by {@link OpenTelemetryTracing}, or without. Links without the API of
 * OpenTelemetry, which is an optional dependency.
 */
public interface Tracing {
    /** No spans: the trace context of clients is passed on to origins with a new span id. */
    Tracing NO_SPANS = new Tracing() {
        @Override
        public boolean hasSpans() {
            return false;
        }

        @Override
        public TracedRequest begin(RequestHead request, long begun) {
            return TracedRequest.NO_SPANS;
        }
    };

    /**
     * Tracing by the OpenTelemetry of this process: that of a Java agent, or the SDK in {@code GlobalOpenTelemetry}.
     * Without one, {@link #NO_SPANS}.
     */
    static Tracing ofProcess() {
        return ofProcess(Redaction.BY_DEFAULT);
    }

    /**
     * The same with other names of secret parameters.
     *
     * @param redaction of the paths in spans
     */
    static Tracing ofProcess(Redaction redaction) {
        try {
            return OpenTelemetryTracing.ofProcess(redaction);
        } catch (NoClassDefFoundError missing) {
            return NO_SPANS;
        } catch (LinkageError tooOld) {
            Logger log = LoggerFactory.getLogger(Tracing.class);
            log.warn("No spans: the API of OpenTelemetry on the class path is too old ({})", tooOld.getMessage());
            return NO_SPANS;
        }
    }

    /** Whether there are spans, so that the beginning and the end of each request must be known. */
    boolean hasSpans();

    /**
     * Begins the span of a request.
     *
     * @param begun when the request was read ({@link System#nanoTime})
     */
    TracedRequest begin(RequestHead request, long begun);
}
