package io.cachingproxy.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** W3C Trace Context §3.2 and §4.3. */
class TraceParentTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    private static Headers passedOn(String... fields) {
        Target target = new Target("http", "example.org", "/");
        return TraceParent.passedOn(new RequestHead("GET", target, Headers.of(fields)))
                .headers();
    }

    @ParameterizedTest
    @CsvSource({
        "00-%s-%s-00, 00",
        "00-%s-%s-01, 01",
        "00-%s-%s-03, 03",
        "00-%s-%s-ff, 03",
        "cc-%s-%s-01, 01",
        "cc-%s-%s-01-what-the-future-will-be-like, 01"
    })
    void a_valid_field_keeps_its_trace_id_and_the_flags_that_are_defined_and_gets_a_new_span_id(
            String value, String flags) {
        Headers sent = passedOn("traceparent", value.formatted(TRACE, SPAN), "tracestate", "a=b", "tracestate", "c=d");
        assertThat(sent.first("traceparent")).matches("00-" + TRACE + "-[0-9a-f]{16}-" + flags);
        assertThat(sent.first("traceparent")).doesNotContain(SPAN).doesNotContain("-0000000000000000-");
        assertThat(sent.all("tracestate")).isEqualTo(List.of("a=b", "c=d"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "00-" + TRACE + "-" + SPAN,
                "00-" + TRACE + "-" + SPAN + "-0",
                "00-" + TRACE + "-" + SPAN + "-01-more",
                "cc-" + TRACE + "-" + SPAN + "-01.more",
                "ff-" + TRACE + "-" + SPAN + "-01",
                "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
                "00-00000000000000000000000000000000-" + SPAN + "-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00_" + TRACE + "-" + SPAN + "-01",
                "0g-" + TRACE + "-" + SPAN + "-01"
            })
    void an_invalid_field_is_dropped_with_its_state(String value) {
        Headers fields = Headers.of("traceparent", value);
        assertThat(TraceParent.of(fields)).isNull();
        assertThat(passedOn("traceparent", value, "tracestate", "a=b", "Accept", "*/*"))
                .isEqualTo(Headers.of("Accept", "*/*"));
    }

    @Test
    void two_fields_are_invalid() {
        String value = "00-" + TRACE + "-" + SPAN + "-01";
        assertThat(passedOn("traceparent", value, "Traceparent", value)).isEqualTo(Headers.EMPTY);
    }

    @Test
    void a_request_without_the_field_is_not_changed_but_for_a_state_of_no_trace() {
        RequestHead plain = new RequestHead("GET", new Target("http", "a.example", "/"), Headers.of("a", "b"));
        assertThat(TraceParent.passedOn(plain)).isSameAs(plain);
        RequestHead state = plain.withHeaders(Headers.of("tracestate", "a=b", "c", "d"));
        assertThat(TraceParent.passedOn(state).headers()).isEqualTo(Headers.of("c", "d"));
    }
}
