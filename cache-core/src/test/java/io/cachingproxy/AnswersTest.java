package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.ScriptedOrigin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each kind of answer says about itself: Cache-Status (RFC 9211), X-Cache, Age, Via. */
class AnswersTest {
    private static final Response MINUTE = response(200)
            .cacheControl("max-age=60, stale-if-error=60")
            .header("ETag", "\"1\"")
            .header("Content-Type", "text/plain")
            .header("Date", "Wed, 04 Mar 2026 12:00:00 GMT");

    private final ManualClock clock = ManualClock.atNoon();
    private final Client client = new Client(HttpCache.builder()
            .policy(Policy.rfc9111())
            .clock(clock)
            .name("test")
            .maxObjectBytes(10)
            .build());
    private final ScriptedOrigin origin = client.origin();

    private static void assertSays(Received received, String xCache, String cacheStatus) {
        assertThat(received.header("X-Cache")).isEqualTo(xCache);
        assertThat(received.header("Cache-Status")).isEqualTo(cacheStatus);
        assertThat(received.header("Via")).endsWith("1.1 test");
    }

    @Test
    void a_miss_and_a_hit() {
        Received miss = client.send(get(), MINUTE, "hello");
        assertSays(miss, "MISS", "test; fwd=uri-miss; fwd-status=200; stored");
        assertThat(miss.header("Age")).isNull();
        clock.advance(10);
        Received hit = client.send(get());
        assertSays(hit, "HIT", "test; hit; ttl=50");
        assertThat(hit.header("Age")).isEqualTo("10");
        assertThat(hit.header("Content-Length")).isEqualTo("5");
        assertThat(hit.header("ETag")).isEqualTo("\"1\"");
    }

    // RFC 9211 §2.6
    @Test
    void the_ttl_of_a_stale_answer_is_negative() {
        client.send(get(), MINUTE, "hello");
        clock.advance(61);
        Received stale = client.send(get().cacheControl("max-stale"));
        assertSays(stale, "HIT", "test; hit; ttl=-1; detail=request-max-stale");
        assertSays(client.send(get(), response(503), ""), "HIT", "test; hit; ttl=-1; detail=stale-if-error");
        Received unreachable = client.send(get());
        origin.last().fail(Kind.FAILED);
        assertSays(unreachable, "HIT", "test; hit; ttl=-1; detail=stale-origin-unreachable");
    }

    @Test
    void a_validated_answer() {
        client.send(get(), MINUTE, "hello");
        clock.advance(60);
        Received validated = client.send(get());
        origin.last().head(response(304)).complete();
        assertThat(validated.header("Cache-Status")).startsWith("test; fwd=stale; fwd-status=304");
        assertThat(validated.header("X-Cache")).isEqualTo("HIT");
    }

    @Test
    void what_is_not_stored_says_why() {
        assertSays(
                client.send(get(), response(200).cacheControl("no-store"), ""),
                "MISS",
                "test; fwd=uri-miss; fwd-status=200; detail=response-no-store");
        assertSays(
                client.send(get(), MINUTE.header("Content-Length", "11"), "01234567890"),
                "MISS",
                "test; fwd=uri-miss; fwd-status=200; detail=too-large");
    }

    // RFC 9211 §2.2
    @Test
    void another_way_to_be_forwarded() {
        assertSays(client.send(request("POST"), response(200), ""), "MISS", "test; fwd=method; fwd-status=200");
        client.send(get(), MINUTE.header("Vary", "Foo"), "hello");
        assertThat(client.send(get().header("Foo", "1"), MINUTE, "").header("Cache-Status"))
                .startsWith("test; fwd=vary-miss");
        assertThat(client.send(get().cacheControl("no-cache"), MINUTE, "").header("Cache-Status"))
                .startsWith("test; fwd=request");
        assertThat(client.send(get().withBody(), MINUTE, "").header("Cache-Status"))
                .startsWith("test; fwd=bypass");
    }

    // RFC 9211 §2.8: where the token of fwd does not say it
    @Test
    void a_bypass_says_why() {
        assertSays(
                client.send(get().withBody(), response(200), ""),
                "MISS",
                "test; fwd=bypass; fwd-status=200; detail=request-body");
        assertSays(
                client.send(get().header("If-Match", "\"1\""), response(200), ""),
                "MISS",
                "test; fwd=bypass; fwd-status=200; detail=precondition");
        Client override = new Client(HttpCache.builder()
                .name("test")
                .policy(Policy.override(Policy.DEFAULT_TTL))
                .build());
        assertSays(
                override.send(get().header("Cookie", "a=b"), response(200), ""),
                "MISS",
                "test; fwd=bypass; fwd-status=200; detail=credentials");
        assertSays(
                client.send(request("POST").header("If-Match", "\"1\""), response(200), ""),
                "MISS",
                "test; fwd=method; fwd-status=200");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no-cache     | request-no-cache",
                "max-age=0    | request-max-age",
                "min-fresh=99 | request-min-fresh",
            })
    void a_request_that_wants_more_than_what_is_stored_is_told_which_wish_it_was(String wish, String detail) {
        client.send(get(), MINUTE, "hello");
        clock.advance(1);
        assertSays(
                client.send(get().cacheControl(wish), MINUTE, "again"),
                "MISS",
                "test; fwd=request; fwd-status=200; stored; detail=" + detail);
    }

    // RFC 9211 §2.8
    @Test
    void the_caches_own_errors() {
        assertSays(client.send(get().cacheControl("only-if-cached")), "MISS", "test; detail=only-if-cached");
        assertSays(client.send(request("TRACE")), "MISS", "test; detail=refused");
        Received failed = client.send(get());
        origin.last().fail(Kind.TIMEOUT);
        assertSays(failed, "MISS", "test; fwd=uri-miss; detail=origin-timeout");
    }

    // RFC 9211 §2: each cache appends itself; RFC 9110 §7.6.3
    @Test
    void an_upstreams_cache_status_and_via_come_first() {
        Response upstream =
                MINUTE.header("Cache-Status", "up; hit").header("Via", "1.1 up").header("X-Cache", "HIT");
        assertSays(client.send(get(), upstream, ""), "MISS", "up; hit, test; fwd=uri-miss; fwd-status=200; stored");
        Received hit = client.send(get());
        assertSays(hit, "HIT", "up; hit, test; hit; ttl=60");
        assertThat(hit.header("Via")).isEqualTo("1.1 up, 1.1 test");
    }

    // RFC 9110 §7.6.1, §7.6.3
    @Test
    void the_forwarded_request_has_via_and_no_hop_by_hop_fields() {
        client.send(get().header("Connection", "X-A").header("X-A", "1").header("Via", "1.0 down"));
        assertThat(origin.last().request().headers().combined("Via")).matches("1\\.0 down, 1\\.1 test\\.[0-9a-f]{16}");
        assertThat(origin.last().request().headers().contains("X-A")).isFalse();
    }

    // RFC 9111 §5.1
    @Test
    void the_age_counts_on_from_the_one_that_came() {
        Received miss = client.send(get(), MINUTE.header("Age", "20"), "hello");
        assertThat(miss.header("Age")).isEqualTo("20");
        clock.advance(10);
        assertThat(client.send(get()).header("Age")).isEqualTo("30");
    }

    // RFC 9110 §15.4.5
    @Test
    void a_304_has_the_validators_and_no_content() {
        client.send(get(), MINUTE, "hello");
        Received unmodified = client.send(get().header("If-None-Match", "\"1\""));
        unmodified.assertAnswered(304, "");
        assertThat(unmodified.header("ETag")).isEqualTo("\"1\"");
        assertThat(unmodified.header("Cache-Control")).isNotNull();
        assertThat(unmodified.header("Content-Length")).isNull();
        assertThat(unmodified.header("X-Cache")).isEqualTo("HIT");
    }

    // RFC 9110 §15.3.7, §15.5.17
    @Test
    void a_part_has_its_content_range_and_its_own_length() {
        client.send(get(), MINUTE.header("Content-Length", "5"), "hello");
        Received part = client.send(get().header("Range", "bytes=1-2"));
        part.assertAnswered(206, "el");
        assertThat(part.header("Content-Range")).isEqualTo("bytes 1-2/5");
        assertThat(part.header("Content-Length")).isEqualTo("2");
        Received none = client.send(get().header("Range", "bytes=5-"));
        none.assertAnswered(416, "");
        assertThat(none.header("Content-Range")).isEqualTo("bytes */5");
    }

    // RFC 9110 §14.6
    @Test
    void several_parts_are_multipart_and_as_long_as_they_say() {
        client.send(get(), MINUTE, "hello");
        Received parts = client.send(get().header("Range", "bytes=0-0,-1"));
        String boundary = parts.header("Content-Type").replace("multipart/byteranges; boundary=", "");
        String head = "\r\n--" + boundary + "\r\nContent-Type: text/plain\r\nContent-Range: bytes ";
        parts.assertAnswered(206, head + "0-0/5\r\n\r\nh" + head + "4-4/5\r\n\r\no\r\n--" + boundary + "--\r\n");
        assertThat(parts.header("Content-Length"))
                .isEqualTo(Integer.toString(parts.text().length()));
        assertThat(parts.header("Content-Range")).isNull();
    }
}
