package io.cachingproxy.testkit;

import static io.cachingproxy.testkit.CacheAssertions.assertThat;
import static io.cachingproxy.testkit.CacheAssertions.assertThatResponse;
import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.Answer;
import io.cachingproxy.HttpCache;
import io.cachingproxy.http.Content;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.testkit.Messages.Request;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResponseAssertionsTest {
    private final ManualClock clock = ManualClock.atNoon();
    private final ScriptedOrigin origin = new ScriptedOrigin();
    private final HttpCache cache =
            HttpCache.builder().policy(Policy.rfc9111()).clock(clock).build();

    @AfterEach
    void close() {
        cache.close();
    }

    private Answer send(Request request) {
        Answer answer = cache.serve(request.head(), Content.empty(), origin)
                .toCompletableFuture()
                .join();
        answer.content().cancel();
        return answer;
    }

    private static void assertFails(ThrowingCallable assertion, String message) {
        assertThatThrownBy(assertion).isInstanceOf(AssertionError.class).hasMessageContaining(message);
    }

    @Test
    void a_miss_that_is_stored_and_the_hit_after_it() {
        origin.answers(response(200).cacheControl("max-age=60"), "hello");
        Answer miss = send(get());
        assertThat(miss).isMiss().isStored().hasAge(0).hasStatus(200).isForwarded(Reason.URI_MISS);
        assertFails(() -> assertThat(miss).isHit(), "to be a hit");
        assertFails(() -> assertThat(miss).isNotStored(), "to be not stored");
        assertFails(() -> assertThat(miss).isStoredFor(60), "send the request again");
        clock.advance(30);
        Answer hit = send(get());
        assertThat(hit).isHit().hasAge(30).isStored().isStoredFor(60);
        assertFails(() -> assertThat(hit).isMiss(), "Cache-Status: caching-proxy; hit; ttl=30");
        assertFails(() -> assertThat(hit).hasAge(29), "to be of an age of 29 s");
        assertFails(() -> assertThat(hit).isStoredFor(61), "a lifetime of 61 s");
        assertFails(() -> assertThat(hit).isStale(), "to be stale");
        assertFails(() -> assertThat(hit).isRevalidated(), "to be validated");
        assertFails(() -> assertThat(hit).hasStatus(404), "of status 404");
    }

    @Test
    void a_response_that_is_not_stored_has_its_reason() {
        origin.answers(response(200).cacheControl("private, max-age=60"), "mine");
        Answer answer = send(get());
        assertThat(answer).isMiss().isNotStored().isNotStored(Reason.RESPONSE_PRIVATE);
        assertFails(() -> assertThat(answer).isNotStored(Reason.RESPONSE_NO_STORE), "because of");
        assertFails(() -> assertThat(answer).isStored(), "to be stored");
        assertThat(send(get().path("/post"))).isNotStored();
    }

    @Test
    void a_reason_that_the_fwd_token_expresses_counts_too() {
        origin.answers(response(200), "done");
        Answer answer = send(Messages.request("PUT"));
        assertThat(answer).isForwarded(Reason.METHOD).isNotStored(Reason.METHOD);
    }

    @Test
    void a_stale_response_is_validated_or_served_instead_of_an_error() {
        origin.answers(
                response(200).cacheControl("max-age=60, stale-if-error=600").header("ETag", "\"1\""), "hello");
        send(get());
        clock.advance(70);
        origin.answers(response(503), "broken");
        assertThat(send(get())).isHit().isStale();
        origin.answers(response(304).header("ETag", "\"1\""), "");
        assertThat(send(get())).isRevalidated();
    }

    @Test
    void the_last_of_several_caches_counts() {
        assertThatResponse(
                        200, Map.of("Cache-Status", List.of("cdn; hit; ttl=5", "caching-proxy; fwd=stale; collapsed")))
                .isCoalesced()
                .isForwarded(Reason.STALE)
                .isNotStored();
        assertFails(() -> assertThatResponse(200, Map.of()).isHit(), "X-Cache: null");
    }
}
