package io.cachingproxy.policy.parts;

import static io.cachingproxy.policy.Rules.OVERRIDE;
import static io.cachingproxy.policy.Rules.STANDARD;
import static io.cachingproxy.policy.Rules.stored;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Headers;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Terms;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValidationTest {
    private static final String DATE = "Wed, 04 Mar 2026 11:00:00 GMT";

    private static Headers conditional(Request request, Response stored) {
        return Validation.conditional(request.head(), stored(stored)).headers();
    }

    // RFC 9111 §4.3.1
    @Test
    void it_asks_with_the_stored_validators() {
        Response stored = response(200).header("ETag", "W/\"1\"").header("Last-Modified", DATE);
        assertThat(conditional(get().header("A", "1"), stored))
                .isEqualTo(Headers.of("A", "1", "If-None-Match", "W/\"1\"", "If-Modified-Since", DATE));
    }

    // RFC 9111 §4.3.1
    @Test
    void it_asks_with_the_one_that_there_is() {
        assertThat(conditional(get(), response(200).header("ETag", "\"1\"")))
                .isEqualTo(Headers.of("If-None-Match", "\"1\""));
        assertThat(conditional(get(), response(200).header("Last-Modified", DATE)))
                .isEqualTo(Headers.of("If-Modified-Since", DATE));
    }

    // RFC 9111 §4.3.1: else the answer would not be about the stored response, or not whole
    @Test
    void the_clients_own_conditions_and_ranges_give_way() {
        Request request = get().header("If-None-Match", "\"client\"")
                .header("If-Modified-Since", "x")
                .header("If-Match", "x")
                .header("If-Unmodified-Since", "x")
                .header("If-Range", "x")
                .header("Range", "bytes=0-1");
        assertThat(conditional(request, response(200).header("ETag", "\"1\"")))
                .isEqualTo(Headers.of("If-None-Match", "\"1\""));
    }

    // RFC 9110 §13, §14
    @ParameterizedTest
    @ValueSource(
            strings = {"If-None-Match", "if-modified-since", "If-Match", "If-Unmodified-Since", "If-Range", "Range"})
    void a_request_for_less_than_the_whole_is_conditional(String field) {
        assertThat(Validation.isConditional(get().header(field, "x").head())).isTrue();
        assertThat(Validation.isConditional(get().header("Accept", "x").head())).isFalse();
    }

    private static Headers whole(Policy policy, Request request) {
        return Validation.whole(Terms.of(policy), request.head()).headers();
    }

    @ParameterizedTest
    @ValueSource(strings = {"If-None-Match", "if-modified-since", "If-Range"})
    void a_policy_that_fetches_the_whole_forwards_a_miss_without_the_clients_conditions(String field) {
        Request request = get().header("A", "1").header(field, DATE);
        assertThat(whole(STANDARD.fetchingWhole(), request)).isEqualTo(Headers.of("A", "1"));
        assertThat(whole(STANDARD, request)).isEqualTo(request.headers());
    }

    @Test
    void what_cannot_be_stored_as_a_whole_is_forwarded_as_it_is() {
        Policy policy = STANDARD.fetchingWhole();
        Request conditional = get().header("If-None-Match", "\"1\"");
        for (Request request : List.of(
                conditional.header("Range", "bytes=0-1"),
                conditional.header("If-Match", "\"1\""),
                conditional.cacheControl("no-store"),
                conditional.withBody(),
                request("HEAD").header("If-None-Match", "\"1\""),
                request("POST").header("If-None-Match", "\"1\""))) {
            assertThat(whole(policy, request)).isEqualTo(request.headers());
        }
        assertThat(whole(OVERRIDE.fetchingWhole(), conditional.header("Cookie", "a=b"))
                        .contains("If-None-Match"))
                .isTrue();
        assertThat(Validation.whole(Terms.of(policy), get().head())).isEqualTo(get().head());
    }
}
