package io.cachingproxy.jetty.tracing;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.net.TraceParent;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Spans by OpenTelemetry, with the attributes {@link SpanAttributes}:
 *
 * <pre>
 *   GET             SERVER    the request of the client, to the end of its response; child of the client's span
 *   ├ cache lookup  INTERNAL  until the store has answered; not for hits in this process, which take microseconds
 *   └ GET           CLIENT    one attempt at a server of the origin, whose request has the id of this span
 * </pre>
 *
 * A revalidation in the background is a child of the request that received the stale response. A request that waits for
 * the fetch of another one has no CLIENT span.
 *
 * <p>The spans are not made current: the threads of the proxy serve many requests.
 */
public final class OpenTelemetryTracing implements Tracing {
    /** The name of the instrumentation scope. */
    static final String SCOPE = "io.cachingproxy";

    private static final String AUTOCONFIGURE = "otel.java.global-autoconfigure.enabled";

    private static final String AUTOCONFIGURE_ENV = "OTEL_JAVA_GLOBAL_AUTOCONFIGURE_ENABLED";

    private static final TextMapGetter<Headers> FIELDS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Headers headers) {
            return IntStream.range(0, headers.size()).mapToObj(headers::name).toList();
        }

        @Override
        public @Nullable String get(@Nullable Headers headers, String name) {
            return headers == null ? null : headers.combined(name);
        }
    };

    private final Tracer tracer;
    private final TextMapPropagator propagator;
    /** The fields of the propagator, in lower case. */
    private final Set<String> fields;

    private final Redaction redaction;

    private OpenTelemetryTracing(OpenTelemetry telemetry, Redaction redaction) {
        this.redaction = redaction;
        this.tracer = telemetry.getTracer(SCOPE);
        this.propagator = telemetry.getPropagators().getTextMapPropagator();
        this.fields = propagator.fields().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Tracing with the tracers and propagators of {@code telemetry}; {@link #NO_SPANS} if it records nothing. */
    public static Tracing of(OpenTelemetry telemetry) {
        return of(telemetry, Redaction.BY_DEFAULT);
    }

    /**
     * The same with other names of secret parameters.
     *
     * @param redaction of the paths in spans
     */
    public static Tracing of(OpenTelemetry telemetry, Redaction redaction) {
        Span probe = telemetry.getTracer(SCOPE).spanBuilder("probe").startSpan(); // never ended, so never exported
        return probe.getSpanContext().isValid() ? new OpenTelemetryTracing(telemetry, redaction) : NO_SPANS;
    }

    /**
     * Tracing by {@link GlobalOpenTelemetry}. If none is set, none is set by this method either, except by an agent or by
     * the autoconfiguration that the user has enabled.
     */
    static Tracing ofProcess(Redaction redaction) {
        boolean configures =
                Boolean.getBoolean(AUTOCONFIGURE) || Boolean.parseBoolean(System.getenv(AUTOCONFIGURE_ENV));
        return configures || hasAgent() || GlobalOpenTelemetry.isSet()
                ? of(GlobalOpenTelemetry.get(), redaction)
                : NO_SPANS;
    }

    /** Whether there is a Java agent of OpenTelemetry, which sets {@link GlobalOpenTelemetry} when it is first read. */
    private static boolean hasAgent() {
        try {
            Class.forName("io.opentelemetry.javaagent.bootstrap.AgentInitializer", false, null);
            return true;
        } catch (ClassNotFoundException none) {
            return false;
        }
    }

    @Override
    public boolean hasSpans() {
        return true;
    }

    @Override
    public TracedRequest begin(RequestHead request, long begun) {
        Context client = propagator.extract(Context.root(), request.headers(), FIELDS);
        SpanBuilder builder = builder(SpanAttributes.spanName(request), SpanKind.SERVER, client, begun);
        SpanAttributes.request(builder::setAttribute, request, shown(request.target()));
        Span span = builder.startSpan();
        return new RequestSpan(this, span, client.with(span));
    }

    /** The path, without secrets. */
    String shown(Target target) {
        return redaction.redacted(target.path());
    }

    /** @param begun when the span begins ({@link System#nanoTime}) */
    SpanBuilder builder(String name, SpanKind kind, Context parent, long begun) {
        Instant now = Instant.now();
        long nanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - (System.nanoTime() - begun);
        return tracer.spanBuilder(name)
                .setSpanKind(kind)
                .setParent(parent)
                .setStartTimestamp(nanos, TimeUnit.NANOSECONDS);
    }

    /** The request with {@code context} in the fields of the propagator, in place of the client's. */
    RequestHead sent(RequestHead head, Context context) {
        Headers.Builder injected = Headers.builder();
        propagator.inject(context, injected, Headers.Builder::add);
        RequestHead sent = head.withHeaders(head.headers().without(fields).plus(injected.build()));
        return fields.contains("traceparent") ? sent : TraceParent.passedOn(sent);
    }
}
