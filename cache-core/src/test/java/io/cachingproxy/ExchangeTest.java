package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Headers;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.Confirmation;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.Purge;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One exchange, driven by hand as a filter in a chain does it, or over a store that takes its time. */
class ExchangeTest {
    private static final Response MINUTE =
            response(200).cacheControl("max-age=60").header("ETag", "\"1\"");

    private final ManualClock clock = ManualClock.atNoon();
    private final SlowStore store = new SlowStore(new MemoryStore(1 << 20, 1 << 20), new CompletableFuture<>());
    private final HttpCache cache = HttpCache.builder()
            .policy(Policy.rfc9111())
            .clock(clock)
            .store(store)
            .build();
    private final Client client = new Client(cache);

    private Exchange open(Request request) {
        Step step = cache.open(request.head()).toCompletableFuture().join();
        assertThat(step).isInstanceOf(Step.Forward.class);
        return ((Step.Forward) step).exchange();
    }

    private static Chunk chunk(AtomicInteger released) {
        return new Chunk(ByteBuffer.wrap(new byte[] {'a'}), released::incrementAndGet);
    }

    @Test
    void in_a_chain_the_response_is_recorded_on_its_way() {
        Exchange exchange = open(get());
        AtomicInteger released = new AtomicInteger();
        AtomicInteger next = new AtomicInteger();
        assertThat(exchange.onHead(MINUTE.head())).isInstanceOf(Outcome.Store.class);
        assertThat(exchange.relayed().headers().first("X-Cache")).isEqualTo("MISS");
        exchange.onBody(chunk(released), next::incrementAndGet);
        exchange.onComplete(Headers.EMPTY);
        assertThat(released).hasValue(1);
        assertThat(next).hasValue(1);
        client.send(get()).assertHit("a");
    }

    @Test
    void in_a_chain_a_response_that_passes_is_released_and_goes_on() {
        Exchange exchange = open(get());
        AtomicInteger released = new AtomicInteger();
        AtomicInteger next = new AtomicInteger();
        assertThat(exchange.onHead(response(200).head())).isInstanceOf(Outcome.Relay.class);
        exchange.onBody(chunk(released), next::incrementAndGet);
        exchange.onBody(chunk(released), next::incrementAndGet);
        exchange.onComplete(Headers.EMPTY);
        assertThat(released).hasValue(2);
        assertThat(next).hasValue(2);
    }

    @Test
    void in_a_chain_a_304_gives_way_to_the_stored_response() {
        client.send(get(), MINUTE, "a");
        clock.advance(60);
        Exchange exchange = open(get());
        assertThat(exchange.forward().headers().first("If-None-Match")).isEqualTo("\"1\"");
        assertThat(exchange.onHead(response(304).head())).isInstanceOf(Outcome.Freshen.class);
        assertThatThrownBy(exchange::relayed).isInstanceOf(IllegalStateException.class);
        assertThat(exchange.answerInstead().toCompletableFuture().join().head().status())
                .isEqualTo(200);
    }

    @Test
    void after_a_failure_nothing_counts_and_all_is_released() {
        Exchange exchange = open(get());
        AtomicInteger released = new AtomicInteger();
        exchange.onHead(MINUTE.head());
        exchange.onBody(chunk(released), () -> {});
        exchange.onFailure(new OriginException(OriginException.Kind.FAILED, "gone", null));
        exchange.onBody(chunk(released), () -> {});
        exchange.onComplete(Headers.EMPTY);
        assertThat(released).hasValue(2);
        client.send(get(), MINUTE, "b").assertMiss("b");
    }

    // RFC 9111 §4.4: who has seen the answer to a POST never gets what it made worthless
    @Test
    void an_answer_to_an_unsafe_request_waits_until_the_store_has_invalidated() {
        Received received = client.send(request("POST"), response(200), "done");
        assertThat(received.isWaiting()).isTrue();
        store.gate().complete(null);
        received.assertMiss("done");
    }

    /** A store whose invalidations are done when {@code gate} opens. */
    private record SlowStore(CacheStore inner, CompletableFuture<Void> gate) implements CacheStore {
        @Override
        public CompletionStage<List<StoredResponse>> find(CacheKey key) {
            return inner.find(key);
        }

        @Override
        public Fill fill(CacheKey key) {
            return inner.fill(key);
        }

        @Override
        public CompletionStage<Void> invalidate(CacheKey key) {
            return gate.thenCompose(open -> inner.invalidate(key));
        }

        @Override
        public CompletionStage<Confirmation> purge(Purge purge) {
            return inner.purge(purge);
        }

        @Override
        public CompletionStage<Void> clear() {
            return inner.clear();
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
