package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.ScriptedOrigin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not come, or not whole, or not at all; see {@link HttpCacheTest} for what does. */
class HttpCacheFailureTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");
    private static final Response TAGGED = MINUTE.header("ETag", "\"1\"");

    private final ManualClock clock = ManualClock.atNoon();
    private final Client client = new Client(HttpCache.builder()
            .policy(Policy.rfc9111())
            .clock(clock)
            .maxObjectBytes(10)
            .build());
    private final ScriptedOrigin origin = client.origin();

    // RFC 5861 §4
    @Test
    void stale_if_error_hides_a_server_error() {
        client.send(get(), response(200).cacheControl("max-age=60, stale-if-error=60"), "old");
        clock.advance(60);
        client.send(get(), response(503), "down").assertHit("old");
        clock.advance(61);
        client.send(get(), response(503), "down").assertAnswered(503, "down");
    }

    // RFC 5861 §4
    @Test
    void stale_if_error_hides_a_response_that_breaks_off() {
        client.send(get(), response(200).cacheControl("max-age=60, stale-if-error=60"), "old");
        clock.advance(60);
        Received received = client.send(get());
        origin.last().head(MINUTE).body("ne");
        assertThat(received.isWaiting()).isTrue();
        origin.last().fail(Kind.FAILED);
        received.assertHit("old");
    }

    @Test
    void with_stale_if_error_a_whole_response_arrives_as_one() {
        client.send(get(), response(200).cacheControl("max-age=60, stale-if-error=60"), "old");
        clock.advance(60);
        client.send(get(), MINUTE, "new").assertMiss("new");
    }

    @Test
    void with_stale_if_error_a_response_too_large_to_be_stored_is_not_waited_for() {
        client.send(get(), response(200).cacheControl("max-age=60, stale-if-error=60"), "old");
        clock.advance(60);
        Received received = client.send(get());
        origin.last().head(MINUTE).body("12345").body("67890X");
        assertThat(received.text()).isEqualTo("1234567890X");
    }

    // RFC 9111 §4.2.4
    @Test
    void a_stale_response_stands_in_for_an_origin_that_cannot_be_reached() {
        client.send(get(), MINUTE, "old");
        clock.advance(3600);
        Received received = client.send(get());
        origin.last().fail(Kind.FAILED);
        received.assertHit("old");
    }

    // RFC 9111 §5.2.2.2
    @ParameterizedTest
    @ValueSource(strings = {"must-revalidate", "proxy-revalidate", "no-cache", "s-maxage=60"})
    void it_does_not_where_stale_is_forbidden(String directive) {
        client.send(get(), TAGGED.header("Cache-Control", directive), "old");
        clock.advance(3600);
        Received received = client.send(get());
        origin.last().fail(Kind.TIMEOUT);
        assertThat(received.status()).isEqualTo(504);
    }

    // RFC 9110 §15.6.3, §15.6.5
    @Test
    void without_anything_stored_a_failure_is_an_error() {
        Received failed = client.send(get());
        origin.last().fail(Kind.FAILED);
        Received late = client.send(get());
        origin.last().fail(Kind.TIMEOUT);
        Received own = client.send(get());
        origin.last().fail(Kind.CLIENT);
        assertThat(List.of(failed.status(), late.status(), own.status())).containsExactly(502, 504, 400);
        assertThat(failed.header("Cache-Control")).isEqualTo("no-store");
    }

    // RFC 9111 §3.3
    @ParameterizedTest
    @ValueSource(strings = {"4", "6"})
    void a_body_of_another_length_than_announced_breaks_and_is_not_stored(String length) {
        Received broken = client.send(get(), MINUTE.header("Content-Length", length), "hello");
        assertThat(broken.isWhole()).isFalse();
        client.send(get(), MINUTE, "whole").assertMiss("whole");
    }

    // RFC 9111 §3.3
    @Test
    void a_body_that_breaks_off_is_not_stored() {
        Received broken = client.send(get());
        origin.last().head(MINUTE).body("hel").fail(Kind.FAILED);
        assertThat(broken.isWhole()).isFalse();
        client.send(get(), MINUTE, "whole").assertMiss("whole");
    }

    @Test
    void a_body_over_the_limit_streams_through_and_is_not_stored() {
        client.send(get(), MINUTE, "01234567890").assertMiss("01234567890");
        client.send(get(), MINUTE, "0123456789").assertMiss("0123456789");
        client.send(get()).assertHit("0123456789");
    }

    @Test
    void a_body_announced_to_be_over_the_limit_is_not_stored_as_an_empty_one() {
        client.send(get(), MINUTE.header("Content-Length", "11"), "01234567890").assertMiss("01234567890");
        client.send(get(), MINUTE, "small").assertMiss("small");
    }
}
