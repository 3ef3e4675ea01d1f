package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawClient.request;
import static io.cachingproxy.testkit.RawOrigin.ok;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.tracing.OpenTelemetryTracing;
import io.cachingproxy.jetty.tracing.SpanAttributes;
import io.cachingproxy.jetty.tracing.Tracing;
import io.cachingproxy.testkit.RawClient;
import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.TestProxy;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The spans of a proxy with the SDK of OpenTelemetry. */
class SpansTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";
    private static final String PARENT = "traceparent: 00-" + TRACE + "-" + SPAN + "-01";

    private final InMemorySpanExporter exported = InMemorySpanExporter.create();
    private final List<OpenTelemetrySdk> sdks = new ArrayList<>();

    private OpenTelemetrySdk sdk(Sampler sampler) {
        TextMapPropagator both = TextMapPropagator.composite(
                W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance());
        OpenTelemetrySdk made = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .setSampler(sampler)
                        .addSpanProcessor(SimpleSpanProcessor.create(exported))
                        .build())
                .setPropagators(ContextPropagators.create(both))
                .build();
        sdks.add(made);
        return made;
    }

    @AfterEach
    void close() {
        sdks.forEach(OpenTelemetrySdk::close);
    }

    private TestProxy traced(RawOrigin origin) {
        Tracing tracing = OpenTelemetryTracing.of(sdk(Sampler.parentBased(Sampler.alwaysOn())));
        return TestProxy.serving(origin, server -> server.tracing(tracing));
    }

    /** The spans in the order in which they began, once there are as many. */
    private List<SpanData> spans(int count) {
        await().until(() -> exported.getFinishedSpanItems().size() >= count);
        List<SpanData> spans = new ArrayList<>(exported.getFinishedSpanItems());
        spans.sort(Comparator.comparing(SpanData::getStartEpochNanos));
        assertThat(spans).hasSize(count);
        return spans;
    }

    private SpanData only(SpanKind kind, List<SpanData> spans) {
        List<SpanData> found =
                spans.stream().filter(span -> span.getKind() == kind).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static Object attribute(SpanData span, String name) {
        return span.getAttributes().asMap().entrySet().stream()
                .filter(each -> each.getKey().getKey().equals(name))
                .map(java.util.Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private static List<String> names(SpanData span) {
        return span.getAttributes().asMap().keySet().stream()
                .map(AttributeKey::getKey)
                .toList();
    }

    @Test
    void a_miss_has_spans_of_the_request_the_lookup_and_the_fetch_whose_id_the_origin_receives() {
        try (RawOrigin origin = RawOrigin.sending(ok("a", "Cache-Control: max-age=60"));
                TestProxy proxy = traced(origin)) {
            assertStored(proxy.get("/a?token=secret", PARENT, "tracestate: x=y", "baggage: k=v", "User-Agent: me"));
            List<SpanData> spans = spans(3);
            SpanData server = only(SpanKind.SERVER, spans);
            SpanData lookup = only(SpanKind.INTERNAL, spans);
            SpanData client = only(SpanKind.CLIENT, spans);

            assertThat(spans).allSatisfy(span -> assertThat(span.getTraceId()).isEqualTo(TRACE));
            assertThat(server.getParentSpanId()).isEqualTo(SPAN);
            assertThat(lookup.getParentSpanId()).isEqualTo(server.getSpanId());
            assertThat(client.getParentSpanId()).isEqualTo(server.getSpanId());
            assertThat(spans)
                    .allSatisfy(span -> assertThat(span.getStartEpochNanos())
                            .isBetween(server.getStartEpochNanos(), server.getEndEpochNanos()));
            assertThat(origin.lastHead())
                    .contains("traceparent: 00-" + TRACE + "-" + client.getSpanId() + "-01\r\n")
                    .contains("tracestate: x=y\r\n", "baggage: k=v\r\n")
                    .doesNotContain(SPAN);

            assertThat(server.getName()).isEqualTo("GET");
            assertThat(attribute(server, "http.request.method")).isEqualTo("GET");
            assertThat(attribute(server, "url.scheme")).isEqualTo("http");
            assertThat(attribute(server, "url.path")).isEqualTo("/a");
            assertThat(attribute(server, "server.address")).isNotNull();
            assertThat(attribute(server, "client.address")).isEqualTo("127.0.0.1");
            assertThat(attribute(server, "user_agent.original")).isEqualTo("me");
            assertThat(attribute(server, "network.protocol.version")).isEqualTo("1.1");
            assertThat(attribute(server, "http.response.status_code")).isEqualTo(200L);
            assertThat(attribute(server, "caching_proxy.result")).isEqualTo("miss");
            assertThat(attribute(server, "caching_proxy.reason")).isEqualTo("uri-miss");
            assertThat(attribute(server, "caching_proxy.site")).isEqualTo("default");
            assertThat(attribute(server, "caching_proxy.complete")).isEqualTo(true);
            assertThat(server.getStatus()).isEqualTo(StatusData.unset());
            assertThat(lookup.getName()).isEqualTo("cache lookup");
            assertThat(attribute(lookup, "caching_proxy.decision")).isEqualTo("miss");
            assertThat(attribute(client, "url.full")).isEqualTo(origin.uri() + "/a");
            assertThat(attribute(client, "server.address")).isEqualTo("localhost");
            assertThat(attribute(client, "server.port"))
                    .isEqualTo((long) origin.uri().getPort());
            assertThat(attribute(client, "http.response.status_code")).isEqualTo(200L);
            assertThat(spans).noneMatch(span -> span.toString().contains("secret"));
        }
    }

    @Test
    void a_hit_on_the_fast_path_has_one_span() {
        try (RawOrigin origin = RawOrigin.sending(ok("a", "Cache-Control: max-age=60"));
                TestProxy proxy = traced(origin)) {
            assertStored(proxy.get("/"));
            spans(3);
            exported.reset();
            assertHit(proxy.get("/", PARENT));
            SpanData hit = only(SpanKind.SERVER, spans(1));
            assertThat(hit.getParentSpanId()).isEqualTo(SPAN);
            assertThat(attribute(hit, "caching_proxy.result")).isEqualTo("hit");
            assertThat(attribute(hit, "http.response.status_code")).isEqualTo(200L);
        }
    }

    @Test
    void a_revalidation_in_the_background_is_a_child_of_the_request_that_got_the_stale_response() {
        CountDownLatch refresh = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    if (call.number() > 1) {
                        refresh.await();
                    }
                    call.send(ok("a", "Cache-Control: max-age=1, stale-while-revalidate=60"));
                });
                TestProxy proxy = traced(origin)) {
            assertStored(proxy.get("/"));
            spans(3);
            exported.reset();
            proxy.advance(Duration.ofSeconds(5));
            assertHit(proxy.get("/", PARENT));
            SpanData stale = only(SpanKind.SERVER, spans(2));
            assertThat(attribute(stale, "caching_proxy.result")).isEqualTo("stale");
            refresh.countDown();
            SpanData fetch = only(SpanKind.CLIENT, spans(3));
            assertThat(fetch.getParentSpanId()).isEqualTo(stale.getSpanId());
            assertThat(origin.lastHead()).contains("traceparent: 00-" + TRACE + "-" + fetch.getSpanId() + "-01");
        }
    }

    @Test
    void a_request_that_waits_for_the_fetch_of_another_one_has_no_fetch_of_its_own() {
        CountDownLatch together = new CountDownLatch(1);
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    together.await();
                    call.send(ok("a", "Cache-Control: max-age=60"));
                });
                TestProxy proxy = traced(origin);
                RawClient leader = proxy.connect().send(request("GET", "/"))) {
            await().until(() -> origin.count() == 1);
            try (RawClient follower = proxy.connect().send(request("GET", "/", PARENT))) {
                spans(2); // the two lookups
                together.countDown();
                leader.reply();
                follower.reply();
                List<SpanData> spans = spans(5);
                SpanData fetch = only(SpanKind.CLIENT, spans);
                assertThat(fetch.getTraceId()).isNotEqualTo(TRACE);
                assertThat(spans)
                        .filteredOn(span -> span.getKind() == SpanKind.SERVER
                                && span.getTraceId().equals(TRACE))
                        .singleElement()
                        .satisfies(span -> assertThat(attribute(span, "caching_proxy.result"))
                                .isEqualTo("collapsed"));
            }
        }
    }

    @Test
    void an_origin_that_closes_without_a_response_is_an_error_of_the_fetch_and_of_the_request() {
        try (RawOrigin origin = RawOrigin.answering(call -> call.close());
                TestProxy proxy = traced(origin)) {
            assertThat(proxy.get("/").status()).isEqualTo(502);
            List<SpanData> spans = spans(3);
            SpanData fetch = only(SpanKind.CLIENT, spans);
            assertThat(fetch.getStatus())
                    .isEqualTo(StatusData.create(
                            io.opentelemetry.api.trace.StatusCode.ERROR, "the origin cannot be reached"));
            assertThat(attribute(fetch, "error.type")).isEqualTo("java.io.EOFException");
            assertThat(attribute(fetch, "http.response.status_code")).isNull();
            SpanData server = only(SpanKind.SERVER, spans);
            assertThat(server.getStatus()).isEqualTo(StatusData.error());
            assertThat(attribute(server, "error.type")).isEqualTo("502");
            assertThat(attribute(server, "http.response.status_code")).isEqualTo(502L);
        }
    }

    @Test
    void a_404_is_an_error_of_the_fetch_and_not_of_the_request() {
        try (RawOrigin origin = RawOrigin.sending("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                TestProxy proxy = traced(origin)) {
            proxy.get("/");
            List<SpanData> spans = spans(3);
            assertThat(only(SpanKind.CLIENT, spans).getStatus()).isEqualTo(StatusData.error());
            assertThat(attribute(only(SpanKind.CLIENT, spans), "error.type")).isEqualTo("404");
            assertThat(only(SpanKind.SERVER, spans).getStatus()).isEqualTo(StatusData.unset());
        }
    }

    @Test
    void a_request_with_content_has_spans_although_Jetty_reads_it_and_an_unknown_method_is_no_name() {
        try (RawOrigin origin = RawOrigin.answering(call -> {
                    call.body();
                    call.send(ok("a"));
                });
                TestProxy proxy = traced(origin)) {
            RawClient.ask(proxy.port(), request("BREW", "/", PARENT, "Content-Length: 1") + "x");
            List<SpanData> spans = spans(2);
            SpanData server = only(SpanKind.SERVER, spans);
            assertThat(server.getName()).isEqualTo("HTTP");
            assertThat(server.getParentSpanId()).isEqualTo(SPAN);
            assertThat(attribute(server, "http.request.method")).isEqualTo("_OTHER");
            assertThat(attribute(server, "http.request.method_original")).isEqualTo("BREW");
            assertThat(attribute(server, "caching_proxy.result")).isEqualTo("bypass");
            assertThat(only(SpanKind.CLIENT, spans).getParentSpanId()).isEqualTo(server.getSpanId());
        }
    }

    /** A request that does not reach the cache, and the status of its answer. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            PURGE / HTTP/1.1~Host: a                            | 405 | _OTHER
            BAN / HTTP/1.1~Host: a                              | 405 | _OTHER
            CONNECT a:80 HTTP/1.1~Host: a                       | 501 | CONNECT
            GET http://u@a/ HTTP/1.1~Host: a                    | 400 | GET
            GET /%00 HTTP/1.1~Host: a                           | 400 | _OTHER
            GET / HTTP/1.1~Host: a~Transfer-Encoding: gzip      | 400 | GET
            GET / HTTP/1.1                                      | 400 | GET
            GET / HTTP/1.1~Host: a~X y: z                       | 400 | GET
            """)
    void a_request_that_never_reaches_the_cache_has_a_span_with_its_status(String head, int status, String method) {
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = traced(origin)) {
            long before = System.currentTimeMillis();
            String text = head.replace("~", "\r\n") + "\r\n" + PARENT + "\r\n\r\n";
            assertThat(RawClient.ask(proxy.port(), text).status()).isEqualTo(status);
            SpanData server = only(SpanKind.SERVER, spans(1));
            assertThat(attribute(server, "http.response.status_code")).isEqualTo((long) status);
            assertThat(attribute(server, "http.request.method")).isEqualTo(method);
            assertThat(attribute(server, "caching_proxy.result")).isNull();
            assertThat(server.getStatus().getStatusCode())
                    .isEqualTo(status < 500 ? StatusCode.UNSET : StatusCode.ERROR);
            assertThat(TimeUnit.NANOSECONDS.toMillis(server.getStartEpochNanos()))
                    .isGreaterThan(before - 5_000);
            assertThat(SpanAttributes.ofServer()).containsAll(names(server));
        }
    }

    @Test
    void a_purge_and_a_redirect_are_spans_in_the_trace_of_their_client() throws Exception {
        Tracing tracing = OpenTelemetryTracing.of(sdk(Sampler.alwaysOn()));
        BlockingQueue<AnsweredRequest> answered = new LinkedBlockingQueue<>();
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                ProxyServer proxy = ProxyServer.builder()
                        .origin(origin.uri())
                        .tracing(tracing)
                        .requestListener(answered::add)
                        .purgeFrom(AddressRanges.parse("127.0.0.1"))
                        .listener(ListenerSettings.of("127.0.0.1", 0))
                        .listener(new ListenerSettings("127.0.0.1", 0, Optional.empty(), false, OptionalInt.of(443)))
                        .build()) {
            proxy.start();
            assertThat(RawClient.ask(proxy.port(), request("PURGE", "/a", PARENT))
                            .status())
                    .isEqualTo(204);
            assertThat(RawClient.ask(proxy.ports().get(1), request("GET", "/a;sid=1;key=s3cr3t", PARENT))
                            .status())
                    .isEqualTo(301);
            List<SpanData> spans = spans(2);
            assertThat(spans).allSatisfy(span -> {
                assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
                assertThat(span.getParentSpanId()).isEqualTo(SPAN);
            });
            assertThat(attribute(spans.get(0), "http.response.status_code")).isEqualTo(204L);
            assertThat(attribute(spans.get(1), "http.response.status_code")).isEqualTo(301L);
            assertThat(attribute(spans.get(1), "url.path")).isEqualTo("/a;sid=1;key=***");
            assertThat(answered.poll(20, TimeUnit.SECONDS).traceId()).isEqualTo(TRACE);
        }
    }

    @Test
    void secrets_in_paths_are_in_no_span() {
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = traced(origin)) {
            proxy.get("/cart;jsessionid=s3cr3t");
            List<SpanData> spans = spans(3);
            assertThat(attribute(only(SpanKind.SERVER, spans), "url.path")).isEqualTo("/cart;jsessionid=***");
            assertThat(attribute(only(SpanKind.CLIENT, spans), "url.full"))
                    .asString()
                    .endsWith("/cart;jsessionid=***");
            assertThat(origin.lastHead()).contains("/cart;jsessionid=s3cr3t");
        }
    }

    @Test
    void listeners_receive_the_trace_of_a_request_without_a_context() throws InterruptedException {
        BlockingQueue<AnsweredRequest> answered = new LinkedBlockingQueue<>();
        Tracing tracing = OpenTelemetryTracing.of(sdk(Sampler.alwaysOn()));
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = TestProxy.serving(
                        origin, server -> server.tracing(tracing).requestListener(answered::add))) {
            proxy.get("/");
            String trace = only(SpanKind.SERVER, spans(3)).getTraceId();
            assertThat(answered.poll(20, TimeUnit.SECONDS).traceId()).isEqualTo(trace);
        }
    }

    @Test
    void spans_have_no_attributes_but_those_that_are_listed() {
        try (RawOrigin origin = RawOrigin.sending(ok("a", "Cache-Control: max-age=60"), ok("b"));
                TestProxy proxy = traced(origin)) {
            proxy.get("/");
            proxy.get("/");
            proxy.ask("POST", "/");
            assertThat(spans(6)).allSatisfy(span -> {
                List<String> listed = switch (span.getKind()) {
                    case SERVER -> SpanAttributes.ofServer();
                    case CLIENT -> SpanAttributes.ofClient();
                    default -> SpanAttributes.ofLookup();
                };
                assertThat(listed).containsAll(names(span));
            });
        }
    }

    @Test
    void a_request_that_is_not_sampled_leaves_no_spans_and_is_passed_on_as_such() {
        Tracing tracing = OpenTelemetryTracing.of(sdk(Sampler.alwaysOff()));
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = TestProxy.serving(origin, server -> server.tracing(tracing))) {
            proxy.get("/", PARENT);
            assertThat(tracing.hasSpans()).isTrue();
            assertThat(origin.lastHead())
                    .containsPattern("traceparent: 00-" + TRACE + "-[0-9a-f]{16}-00\r\n")
                    .doesNotContain(SPAN);
            assertThat(exported.getFinishedSpanItems()).isEmpty();
        }
    }

    @Test
    void a_context_that_the_propagators_do_not_read_still_gets_a_new_span_id() {
        OpenTelemetrySdk none = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder().build())
                .build();
        sdks.add(none);
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = TestProxy.serving(origin, server -> server.tracing(OpenTelemetryTracing.of(none)))) {
            proxy.get("/", PARENT);
            assertThat(origin.lastHead())
                    .containsPattern("traceparent: 00-" + TRACE + "-[0-9a-f]{16}-01\r\n")
                    .doesNotContain(SPAN);
        }
    }

    @Test
    void without_an_SDK_there_are_no_spans() {
        Supplier<Tracing> noop = () -> OpenTelemetryTracing.of(OpenTelemetry.noop());
        assertThat(noop.get()).isSameAs(Tracing.NO_SPANS);
        assertThat(Tracing.ofProcess()).isSameAs(Tracing.NO_SPANS);
    }
}
