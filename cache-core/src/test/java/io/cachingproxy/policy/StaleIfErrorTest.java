package io.cachingproxy.policy;

import static io.cachingproxy.policy.Rules.assertNotStored;
import static io.cachingproxy.policy.Rules.assertServedStale;
import static io.cachingproxy.policy.Rules.revalidate;
import static io.cachingproxy.policy.Rules.stored;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.Messages.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When {@link Reception} lets a stored response stand in for an error (RFC 5861 §4). */
class StaleIfErrorTest {
    private static final Response ERRORS = response(200).cacheControl("max-age=60, stale-if-error=10");

    // RFC 5861 §4
    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void stale_if_error_serves_stale_for_its_seconds(int status) {
        assertServedStale(revalidate(69, get(), stored(ERRORS), response(status)), Reason.STALE_IF_ERROR);
        assertServedStale(revalidate(70, get(), stored(ERRORS), response(status)), Reason.STALE_IF_ERROR);
        assertNotStored(revalidate(71, get(), stored(ERRORS), response(status)), Reason.STORED_IS_BETTER);
    }

    // RFC 5861 §4
    @ParameterizedTest
    @ValueSource(ints = {400, 404, 501, 505, 599})
    void another_status_is_not_such_an_error(int status) {
        Outcome outcome = revalidate(65, get(), stored(ERRORS), response(status));
        assertThat(outcome).isNotInstanceOf(Outcome.ServeStale.class);
    }

    // RFC 5861 §4: in a request too
    @Test
    void a_request_may_ask_for_stale_if_error() {
        StoredResponse stored = stored(response(200).cacheControl("max-age=60"));
        Response error = response(503);
        assertServedStale(
                revalidate(70, get().cacheControl("stale-if-error=10"), stored, error), Reason.STALE_IF_ERROR);
        assertNotStored(
                revalidate(71, get().cacheControl("stale-if-error=10"), stored, error), Reason.STORED_IS_BETTER);
        assertNotStored(revalidate(61, get(), stored, error), Reason.STORED_IS_BETTER);
    }

    // RFC 9111 §4.2.4
    @ParameterizedTest
    @ValueSource(strings = {"must-revalidate", "proxy-revalidate", "s-maxage=60", "no-cache"})
    void an_error_is_passed_on_where_stale_is_forbidden(String directive) {
        StoredResponse stored = stored(response(200).cacheControl("max-age=60, stale-if-error=10, " + directive));
        assertNotStored(revalidate(61, get(), stored, response(503)), Reason.STORED_IS_BETTER);
        assertThat(Reception.mayServeDisconnected(stored)).isFalse();
    }

    // RFC 9111 §4.2.4
    @Test
    void a_stale_response_may_stand_in_for_an_origin_that_cannot_be_reached() {
        assertThat(Reception.mayServeDisconnected(stored(response(200).cacheControl("max-age=60"))))
                .isTrue();
    }
}
