package io.cachingproxy.jetty;

import static io.cachingproxy.testkit.RawOrigin.ok;
import static io.cachingproxy.testkit.Verdicts.assertHit;
import static io.cachingproxy.testkit.Verdicts.assertStored;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.RawOrigin;
import io.cachingproxy.testkit.TestProxy;
import org.junit.jupiter.api.Test;

/** The trace context that origins receive without OpenTelemetry. */
class TraceContextTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    @Test
    void the_origin_receives_the_same_trace_with_a_new_span_id() {
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = TestProxy.of(origin)) {
            proxy.get("/", "traceparent: 00-" + TRACE + "-" + SPAN + "-01", "tracestate: a=b,c=d");
            assertThat(origin.lastHead())
                    .containsPattern("traceparent: 00-" + TRACE + "-[0-9a-f]{16}-01\r\n")
                    .contains("tracestate: a=b,c=d\r\n")
                    .doesNotContain(SPAN);
        }
    }

    @Test
    void an_invalid_context_is_not_passed_on() {
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = TestProxy.of(origin)) {
            proxy.get("/", "traceparent: 00-" + TRACE + "-" + SPAN, "tracestate: a=b");
            assertThat(origin.lastHead()).doesNotContain("traceparent", "tracestate");
        }
    }

    @Test
    void a_request_without_a_context_gets_none() {
        try (RawOrigin origin = RawOrigin.sending(ok("a"));
                TestProxy proxy = TestProxy.of(origin)) {
            proxy.get("/");
            assertThat(origin.lastHead()).doesNotContain("traceparent");
        }
    }

    @Test
    void requests_of_different_traces_share_a_response() {
        try (RawOrigin origin = RawOrigin.sending(ok("a", "Cache-Control: max-age=60"));
                TestProxy proxy = TestProxy.of(origin)) {
            assertStored(proxy.get("/", "traceparent: 00-" + TRACE + "-" + SPAN + "-01"));
            assertHit(proxy.get("/", "traceparent: 00-" + TRACE.replace('0', '1') + "-" + SPAN + "-01"));
        }
    }

    @Test
    void a_variant_is_selected_by_the_context_of_the_client_not_by_that_of_the_fetch() {
        try (RawOrigin origin = RawOrigin.sending(ok("a", "Cache-Control: max-age=60", "Vary: traceparent"));
                TestProxy proxy = TestProxy.of(origin)) {
            String field = "traceparent: 00-" + TRACE + "-" + SPAN + "-01";
            assertStored(proxy.get("/", field));
            assertHit(proxy.get("/", field));
            assertStored(proxy.get("/", field.replace(SPAN, "1" + SPAN.substring(1))));
        }
    }
}
