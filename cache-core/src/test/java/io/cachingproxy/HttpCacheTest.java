package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.ScriptedOrigin;
import org.junit.jupiter.api.Test;

/** One request after the other; see {@link CollapsingTest} for several at once, {@link AnswersTest} for their fields. */
class HttpCacheTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");
    private static final Response TAGGED = MINUTE.header("ETag", "\"1\"");

    private final ManualClock clock = ManualClock.atNoon();
    private final Client client = new Client(HttpCache.builder()
            .policy(Policy.rfc9111())
            .clock(clock)
            .maxObjectBytes(10)
            .build());
    private final ScriptedOrigin origin = client.origin();

    // RFC 9111 §4
    @Test
    void a_miss_then_a_hit() {
        client.send(get(), MINUTE, "hello").assertMiss("hello");
        clock.advance(59);
        client.send(get()).assertHit("hello");
        assertThat(origin.requests()).isEqualTo(1);
    }

    @Test
    void the_query_is_part_of_the_key() {
        client.send(get("/?a"), MINUTE, "a");
        client.send(get("/?b"), MINUTE, "b").assertMiss("b");
        client.send(get("/?a")).assertHit("a");
    }

    // RFC 9110 §7.6.3
    @Test
    void a_request_that_was_forwarded_before_is_refused_and_not_waited_for() {
        client.send(get());
        String via = origin.last().request().headers().first("Via");
        Received received = client.send(get().header("Via", "1.0 other").header("Via", via + ", 1.1 another"));
        assertThat(received.status()).isEqualTo(508);
        assertThat(received.header("Cache-Status")).endsWith("; detail=loop");
        assertThat(origin.requests()).isEqualTo(1);
    }

    // RFC 9110 §7.6.3
    @Test
    void also_where_someone_else_forwards() {
        try (HttpCache cache = HttpCache.builder().clock(clock).build()) {
            Step first = cache.open(get().head()).toCompletableFuture().join();
            Step again = cache.open(((Step.Forward) first).exchange().forward())
                    .toCompletableFuture()
                    .getNow(first);
            assertThat(((Step.Answered) again).answer().head().status()).isEqualTo(508);
        }
    }

    // RFC 9110 §7.6.3
    @Test
    void one_that_another_instance_of_the_same_name_forwarded_is_not() {
        client.send(get().header("Via", "1.1 caching-proxy, 1.1 caching-proxy.0123456789abcdef"), MINUTE, "a")
                .assertMiss("a");
    }

    // RFC 9111 §4.3
    @Test
    void a_304_freshens_what_is_stored_and_it_answers() {
        client.send(get(), TAGGED, "hello");
        clock.advance(60);
        Received received = client.send(get());
        assertThat(origin.last().request().headers().first("If-None-Match")).isEqualTo("\"1\"");
        origin.last().head(response(304).header("X-New", "1")).complete();
        received.assertHit("hello");
        assertThat(received.header("X-New")).isEqualTo("1");
        clock.advance(59);
        client.send(get()).assertHit("hello");
        assertThat(origin.requests()).isEqualTo(2);
    }

    // RFC 9111 §3, §4.3.4
    @Test
    void a_304_that_forbids_storing_removes_what_is_stored() {
        client.send(get(), TAGGED, "hello");
        clock.advance(60);
        Received received = client.send(get());
        origin.last().head(response(304).cacheControl("private")).complete();
        received.assertHit("hello");
        client.send(get());
        assertThat(origin.last().request().headers().contains("If-None-Match")).isFalse();
    }

    // RFC 9111 §4.3.3
    @Test
    void a_full_answer_to_a_validation_replaces_what_is_stored() {
        client.send(get(), TAGGED, "old");
        clock.advance(60);
        client.send(get(), TAGGED, "new").assertMiss("new");
        client.send(get()).assertHit("new");
    }

    // RFC 5861 §3
    @Test
    void a_stale_response_is_refreshed_once_for_all_while_it_is_served() {
        client.send(get(), response(200).cacheControl("max-age=60, stale-while-revalidate=60"), "old");
        clock.advance(60);
        client.send(get()).assertHit("old");
        client.send(get()).assertHit("old");
        assertThat(origin.requests()).isEqualTo(2);
        origin.last().answer(MINUTE, "new");
        client.send(get()).assertHit("new");
    }

    // RFC 5861 §3: what one client wants of it is no matter of the refresh
    @Test
    void a_refresh_asks_for_the_whole() {
        client.send(get(), response(200).cacheControl("max-age=60, stale-while-revalidate=60"), "old");
        clock.advance(60);
        client.send(get().header("Range", "bytes=0-0")).assertAnswered(206, "o");
        assertThat(origin.last().request().headers().contains("Range")).isFalse();
        origin.last().answer(MINUTE, "new");
        client.send(get()).assertHit("new");
    }

    @Test
    void a_refresh_that_head_set_off_is_a_get() {
        client.send(get(), response(200).cacheControl("max-age=60, stale-while-revalidate=60"), "old");
        clock.advance(60);
        client.send(request("HEAD")).assertHit("");
        assertThat(origin.last().request().method()).isEqualTo("GET");
        origin.last().answer(MINUTE, "new");
        client.send(get()).assertHit("new");
    }

    // RFC 9111 §5.2.1.7
    @Test
    void only_if_cached_is_504_without_a_match() {
        assertThat(client.send(get().cacheControl("only-if-cached")).status()).isEqualTo(504);
        assertThat(origin.requests()).isZero();
        client.send(get(), MINUTE, "a");
        client.send(get().cacheControl("only-if-cached")).assertHit("a");
    }

    // RFC 9110 §9.3.2
    @Test
    void head_is_answered_from_a_stored_get_without_its_body() {
        client.send(get(), MINUTE, "hello");
        Received received = client.send(request("HEAD"));
        received.assertHit("");
        assertThat(received.header("Content-Length")).isEqualTo("5");
    }

    // RFC 9111 §4.4
    @Test
    void an_unsafe_request_invalidates_unless_it_fails() {
        client.send(get(), MINUTE, "old");
        client.send(request("POST"), response(500), "");
        client.send(get()).assertHit("old");
        client.send(request("POST"), response(200), "");
        client.send(get(), MINUTE, "new").assertMiss("new");
    }

    // RFC 9111 §4.4
    @Test
    void a_fill_begun_before_an_invalidation_is_not_stored() {
        Received old = client.send(get());
        origin.last().head(MINUTE).body("old");
        ScriptedOrigin.Call fill = origin.last();
        client.send(request("POST"), response(204), "");
        fill.complete();
        old.assertMiss("old");
        client.send(get(), MINUTE, "new").assertMiss("new");
    }

    @Test
    void what_must_not_be_forwarded_is_refused() {
        assertThat(client.send(request("TRACE")).status()).isEqualTo(501);
        assertThat(client.send(get().header("Connection", "Host")).status()).isEqualTo(400);
        assertThat(origin.requests()).isZero();
    }

    @Test
    void a_clock_that_goes_back_makes_nothing_younger_than_it_came() {
        client.send(get(), MINUTE.header("Age", "10"), "a");
        clock.advance(-3600);
        Received received = client.send(get());
        origin.last().fail(OriginException.Kind.FAILED);
        assertThat(received.header("Age")).isEqualTo("10");
    }

    @Test
    void a_clock_that_goes_back_does_not_keep_a_response_fresh() {
        client.send(get(), TAGGED, "old");
        clock.advance(-3600);
        client.send(get(), TAGGED, "new").assertMiss("new");
        clock.advance(59);
        client.send(get()).assertHit("new");
        clock.advance(1);
        assertThat(client.send(get()).isWaiting()).isTrue();
    }

    @Test
    void a_clock_that_goes_back_by_less_than_the_age_of_a_response_does_not_keep_it_fresh() {
        client.send(get(), TAGGED, "old");
        clock.advance(59);
        client.send(get()).assertHit("old");
        clock.advance(-30);
        Received received = client.send(get());
        assertThat(received.isWaiting()).isTrue();
        origin.last().head(response(304).cacheControl("max-age=60")).complete();
        received.assertHit("old");
        clock.advance(59);
        client.send(get()).assertHit("old");
        assertThat(origin.requests()).isEqualTo(2);
    }

    @Test
    void a_clock_that_goes_back_is_noticed_by_the_first_lookup_of_the_fast_path() {
        client.send(get(), TAGGED, "old");
        clock.advance(59);
        client.send(get()).assertHit("old");
        clock.advance(-30);
        assertThat(client.cache().hit(client.cache().resolve(get().head(), null)))
                .isNull();
        assertThat(client.cache().hit(client.cache().resolve(get().head(), null)))
                .isNull();
    }

    @Test
    void a_clock_that_is_corrected_by_a_few_seconds_makes_nothing_stale() {
        client.send(get(), TAGGED, "old");
        clock.advance(50);
        client.send(get()).assertHit("old");
        clock.advance(-10);
        client.send(get()).assertHit("old");
    }
}
