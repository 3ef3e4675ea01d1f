package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.Policy;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import io.cachingproxy.testkit.ScriptedOrigin;
import org.junit.jupiter.api.Test;

/** RFC 9111 §3.4: storing and combining partial content; RFC 9110 §15.3.7. */
class PartialContentTest {
    private static final Response BEGINNING =
            response(206).cacheControl("max-age=60").header("ETag", "\"1\"").header("Content-Range", "bytes 0-4/10");

    private final ManualClock clock = ManualClock.atNoon();
    private final Client client =
            new Client(HttpCache.builder().policy(Policy.rfc9111()).clock(clock).build());
    private final ScriptedOrigin origin = client.origin();

    private static Response part(String contentRange) {
        return response(206).cacheControl("max-age=60").header("ETag", "\"1\"").header("Content-Range", contentRange);
    }

    private static void assertPartialHit(Received received, String text) {
        assertThat(received.status()).isEqualTo(206);
        assertThat(received.header("X-Cache")).isEqualTo("HIT");
        assertThat(received.text()).isEqualTo(text);
    }

    @Test
    void a_stored_part_answers_ranges_inside_it() {
        client.send(get().header("Range", "bytes=0-4"), BEGINNING, "01234");
        Received inside = client.send(get().header("Range", "bytes=1-3"));
        assertThat(inside.header("Content-Range")).isEqualTo("bytes 1-3/10");
        assertPartialHit(inside, "123");
        assertThat(origin.requests()).isEqualTo(1);
    }

    @Test
    void a_stored_end_answers_a_suffix() {
        client.send(
                get().header("Range", "bytes=-5"),
                response(206).cacheControl("max-age=60").header("Content-Range", "bytes 5-9/10"),
                "56789");
        assertPartialHit(client.send(get().header("Range", "bytes=-2")), "89");
    }

    @Test
    void a_range_beyond_the_stored_part_is_forwarded() {
        client.send(get().header("Range", "bytes=0-4"), BEGINNING, "01234");
        client.send(get().header("Range", "bytes=3-6"));
        assertThat(origin.last().request().headers().first("Range")).isEqualTo("bytes=3-6");
    }

    @Test
    void a_part_never_answers_a_request_for_the_whole() {
        client.send(
                get().header("Range", "bytes=0-4"),
                response(206).cacheControl("max-age=60").header("Content-Range", "bytes 0-4/10"),
                "01234");
        assertThat(client.send(get()).isWaiting()).isTrue();
        assertThat(origin.last().request().headers().contains("Range")).isFalse();
    }

    @Test
    void a_beginning_under_a_strong_validator_is_completed() {
        client.send(get().header("Range", "bytes=0-4"), BEGINNING, "01234");
        Received whole = client.send(get());
        assertThat(origin.last().request().headers().first("Range")).isEqualTo("bytes=5-");
        assertThat(origin.last().request().headers().first("If-Range")).isEqualTo("\"1\"");
        origin.last().answer(part("bytes 5-9/10"), "56789");
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.header("Content-Length")).isEqualTo("10");
        assertThat(whole.header("Content-Range")).isNull();
        whole.assertMiss("0123456789");
        client.send(get()).assertHit("0123456789");
    }

    @Test
    void a_beginning_that_changed_meanwhile_is_replaced() {
        client.send(get().header("Range", "bytes=0-4"), BEGINNING, "01234");
        Received whole = client.send(get());
        origin.last().answer(response(200).cacheControl("max-age=60").header("ETag", "\"2\""), "abc");
        whole.assertMiss("abc");
        client.send(get()).assertHit("abc");
    }

    @Test
    void a_part_that_contradicts_itself_is_not_stored() {
        Response broken = response(206).cacheControl("max-age=60").header("Content-Range", "bytes 4-9/10");
        client.send(get().header("Range", "bytes=-5"), broken, "01234");
        client.send(get().header("Range", "bytes=-5"));
        assertThat(origin.requests()).isEqualTo(2);
    }
}
