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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A stored beginning that the origin's response does not complete: the whole is fetched, and nobody sees the detour. */
class StoredBeginningTest {
    private static final Response BEGINNING = part("bytes 0-4/10", "\"1\"");
    private static final Response WHOLE =
            response(200).cacheControl("max-age=60").header("ETag", "\"2\"");

    private final HttpCache cache = HttpCache.builder()
            .policy(Policy.rfc9111())
            .clock(ManualClock.atNoon())
            .build();
    private final Client client = new Client(cache);
    private final ScriptedOrigin origin = client.origin();

    private static Response part(String contentRange, String tag) {
        return response(206).cacheControl("max-age=60").header("ETag", tag).header("Content-Range", contentRange);
    }

    static Stream<Response> whatDoesNotCompleteIt() {
        return Stream.of(
                part("bytes 5-9/10", "\"2\""),
                part("bytes 5-10/11", "\"1\""),
                part("bytes 0-9/10", "\"1\""),
                part("bytes 4-9/10", "\"1\""),
                part("bytes 5-7/10", "\"1\""),
                part("bytes 5-9/10", "W/\"1\""),
                response(206).cacheControl("max-age=60").header("Content-Range", "bytes 5-9/10"),
                response(206).cacheControl("max-age=60").header("ETag", "\"1\""),
                response(206).header("Content-Type", "multipart/byteranges; boundary=x"),
                response(416).header("Content-Range", "bytes */10"),
                response(304).header("ETag", "\"1\""),
                response(204),
                response(404),
                response(500),
                response(503));
    }

    @ParameterizedTest
    @MethodSource("whatDoesNotCompleteIt")
    void the_whole_is_fetched_in_its_place_and_stored(Response rest) {
        client.send(get().header("Range", "bytes=0-4"), BEGINNING, "01234");
        Received received = client.send(get());
        ScriptedOrigin.Call asked = origin.last();
        assertThat(asked.request().headers().first("Range")).isEqualTo("bytes=5-");
        asked.head(rest);
        assertThat(asked.aborted()).isTrue();
        asked.body("56789").complete();
        assertThat(origin.requests()).isEqualTo(3);
        assertThat(origin.last().request().headers().contains("Range")).isFalse();
        assertThat(origin.last().request().headers().contains("If-Range")).isFalse();
        assertThat(received.isWaiting()).isTrue();
        origin.last().answer(WHOLE, "abcdefghij");
        received.assertMiss("abcdefghij");
        client.send(get()).assertHit("abcdefghij");
        assertThat(origin.requests()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(
            value = OriginException.Kind.class,
            names = {"FAILED", "TIMEOUT", "BUSY"})
    void the_whole_is_fetched_if_the_rest_does_not_come(OriginException.Kind failure) {
        client.send(get().header("Range", "bytes=0-4"), BEGINNING, "01234");
        Received received = client.send(get());
        origin.last().fail(failure);
        assertThat(origin.last().request().headers().contains("Range")).isFalse();
        origin.last().answer(WHOLE, "abcdefghij");
        received.assertMiss("abcdefghij");
    }

    @Test
    void a_rest_that_breaks_off_costs_one_response_and_not_the_next() {
        client.send(get().header("Range", "bytes=0-4"), BEGINNING, "01234");
        Received broken = client.send(get());
        origin.last().head(part("bytes 5-9/10", "\"1\"")).body("56").fail(OriginException.Kind.FAILED);
        assertThat(broken.isWhole()).isFalse();
        Received next = client.send(get());
        assertThat(origin.last().request().headers().contains("Range")).isFalse();
        origin.last().answer(WHOLE, "abcdefghij");
        next.assertMiss("abcdefghij");
    }

    @Test
    void those_who_wait_for_it_get_the_whole_too() {
        client.send(get().header("Range", "bytes=0-4"), BEGINNING, "01234");
        Received one = client.send(get());
        Received other = client.send(get());
        origin.last().head(response(416));
        for (int i = 2; i < origin.requests(); i++) {
            origin.call(i).answer(WHOLE, "abcdefghij");
        }
        one.assertMiss("abcdefghij");
        other.assertMiss("abcdefghij");
    }

    @Test
    void in_a_chain_that_cannot_be_asked_twice_the_whole_is_asked_for_at_once() {
        client.send(get().header("Range", "bytes=0-4"), BEGINNING, "01234");
        Step step = cache.open(get().head()).toCompletableFuture().join();
        Exchange exchange = ((Step.Forward) step).exchange();
        assertThat(exchange.forward().headers().contains("Range")).isFalse();
        exchange.onHead(WHOLE.head());
        assertThat(exchange.relayed().status()).isEqualTo(200);
    }
}
