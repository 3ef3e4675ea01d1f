package io.cachingproxy.jetty.tracing;

import io.cachingproxy.OriginException;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.origin.OriginTracing;
import io.cachingproxy.policy.Decision;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.util.function.Consumer;

/** The spans of one request. */
final class RequestSpan implements TracedRequest {
    private static final String LOOKUP = "cache lookup";

    private final OpenTelemetryTracing tracing;
    private final Span span;
    private final Context context;

    /** @param context with {@code span}, and what the client has propagated */
    RequestSpan(OpenTelemetryTracing tracing, Span span, Context context) {
        this.tracing = tracing;
        this.span = span;
        this.context = context;
    }

    @Override
    public Consumer<Decision> lookup() {
        long begun = System.nanoTime();
        return decision -> {
            if (!(decision instanceof Decision.Bypass)) { // the store was not asked
                SpanBuilder builder = tracing.builder(LOOKUP, SpanKind.INTERNAL, context, begun);
                SpanAttributes.decision(builder::setAttribute, decision);
                builder.startSpan().end();
            }
        };
    }

    @Override
    public OriginTracing fetches() {
        return (head, number) -> {
            SpanBuilder builder =
                    tracing.builder(SpanAttributes.spanName(head), SpanKind.CLIENT, context, System.nanoTime());
            SpanAttributes.attempt(builder::setAttribute, head, tracing.shown(head.target()), number);
            Span attempt = builder.startSpan();
            return new Attempt(attempt, tracing.sent(head, context.with(attempt)));
        };
    }

    /** The span of an attempt at a server of the origin. */
    private static final class Attempt implements OriginTracing.Attempt {
        private final Span span;
        private final RequestHead head;
        private volatile boolean hasOutcome;

        Attempt(Span span, RequestHead head) {
            this.span = span;
            this.head = head;
        }

        @Override
        public RequestHead head() {
            return head;
        }

        @Override
        public void answered(int status) {
            hasOutcome = true;
            SpanAttributes.status(span, status, 400);
        }

        @Override
        public void failed(OriginException fault) {
            hasOutcome = true;
            if (!fault.kind().isOfClient()) {
                span.setStatus(StatusCode.ERROR, fault.sentence());
                span.setAttribute(SpanAttributes.ERROR_TYPE, SpanAttributes.errorType(fault));
            }
        }

        @Override
        public void ended() {
            if (!hasOutcome) {
                span.setStatus(StatusCode.ERROR, "the request was not sent");
                span.setAttribute(SpanAttributes.ERROR_TYPE, SpanAttributes.OTHER);
            }
            span.end();
        }
    }

    @Override
    public String traceId() {
        return span.getSpanContext().getTraceId();
    }

    @Override
    public void ended(AnsweredRequest request) {
        SpanAttributes.status(span, request.status(), 500);
        SpanAttributes.answered(span::setAttribute, request);
        span.end();
    }
}
