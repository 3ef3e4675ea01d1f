package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ForwardingStore;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Response;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** An exchange always ends: nobody waits for one whose origin, store or client failed. */
class ExchangeEndTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");

    private final ManualClock clock = ManualClock.atNoon();
    private final HttpCache cache =
            HttpCache.builder().policy(Policy.rfc9111()).clock(clock).build();
    private final Client client = new Client(cache);

    private static Answer serve(HttpCache cache, Origin origin) {
        CompletableFuture<Answer> answer =
                cache.serve(get().head(), Content.empty(), origin).toCompletableFuture();
        assertThat(answer).isCompleted();
        return answer.join();
    }

    /** Asks twice: the second request must not wait for the first. */
    private void assertAnswered(int status, Consumer<Exchange> origin) {
        for (int i = 0; i < 2; i++) {
            Answer answer = serve(cache, (request, body, exchange) -> origin.accept(exchange));
            assertThat(answer.head().status()).isEqualTo(status);
            assertThat(answer.head().headers().first("Cache-Status")).contains("origin-failed");
        }
    }

    @Test
    void an_origin_that_throws_is_a_502() {
        assertAnswered(502, exchange -> {
            throw new IllegalStateException("broken adapter");
        });
    }

    @Test
    void an_origin_that_throws_after_the_head_breaks_the_body() throws Exception {
        Answer answer = serve(cache, (request, body, exchange) -> {
            exchange.onHead(MINUTE.head());
            throw new IllegalStateException("broken adapter");
        });
        assertThat(answer.head().status()).isEqualTo(200);
        assertThatThrownBy(() -> answer.content().read()).hasMessageContaining("the origin adapter failed");
        client.send(get(), MINUTE, "whole").assertMiss("whole");
    }

    @Test
    void a_response_without_a_head_is_a_502() {
        assertAnswered(502, exchange -> exchange.onComplete(Headers.EMPTY));
    }

    // RFC 9111 §4.2.3
    @Test
    void age_counts_from_when_the_request_was_sent() {
        Received received = client.send(get());
        clock.advance(40); // in the queue of the adapter
        client.origin().last().exchange().onSent();
        clock.advance(2);
        client.origin().last().answer(MINUTE, "a");
        received.assertMiss("a");
        Received hit = client.send(get());
        hit.assertHit("a");
        assertThat(hit.header("Age")).isEqualTo("2");
    }

    @Test
    void a_second_head_changes_nothing() {
        Answer answer = serve(cache, (request, body, exchange) -> {
            exchange.onHead(MINUTE.head());
            exchange.onHead(new ResponseHead(500, Headers.EMPTY));
            exchange.onBody(Chunk.of(ByteBuffer.wrap(new byte[] {'a'})), () -> {});
            exchange.onComplete(Headers.EMPTY);
        });
        assertThat(answer.head().status()).isEqualTo(200);
        client.send(get()).assertHit("a");
    }

    // in a chain, a servlet writes on after its exchange was ended
    @Test
    void a_head_after_a_failure_is_relayed_and_nothing_of_it_is_stored() {
        Exchange exchange =
                ((Step.Forward) cache.open(get().head()).toCompletableFuture().join()).exchange();
        exchange.onFailure(new OriginException(OriginException.Kind.FAILED, "gone", null));
        exchange.onHead(MINUTE.head());
        assertThat(exchange.relayed().status()).isEqualTo(200);
        exchange.onBody(Chunk.of(ByteBuffer.wrap(new byte[] {'a'})), () -> {});
        exchange.onComplete(Headers.EMPTY);
        client.send(get(), MINUTE, "b").assertMiss("b");
    }

    // the validation that a client which left would have driven
    @Test
    void a_refresh_that_nobody_begins_keeps_nobody_waiting() {
        client.send(get(), response(200).cacheControl("max-age=60, stale-while-revalidate=30"), "old");
        clock.advance(61);
        Step.Answered stale =
                (Step.Answered) cache.open(get().head()).toCompletableFuture().join();
        assertThat(stale.refresh()).isNotNull();
        clock.advance(60);
        Received next = client.send(get());
        client.origin().last().answer(MINUTE, "new");
        next.assertMiss("new");
    }

    @Test
    void of_several_refreshes_one_begins() {
        client.send(get(), response(200).cacheControl("max-age=60, stale-while-revalidate=30"), "old");
        clock.advance(61);
        Refresh one = refresh();
        Refresh other = refresh();
        assertThat(one.begin()).isNotNull();
        assertThat(other.begin()).isNull();
    }

    private Refresh refresh() {
        return ((Step.Answered) cache.open(get().head()).toCompletableFuture().join()).refresh();
    }

    @Test
    void a_store_that_throws_or_fails_costs_no_request() {
        for (Fault fault : Fault.values()) {
            HttpCache broken = HttpCache.builder().store(new BrokenStore(fault)).build();
            Client asking = new Client(broken);
            asking.send(get(), MINUTE, fault.name()).assertMiss(fault.name());
            asking.send(get(), MINUTE, "again").assertMiss("again");
        }
    }

    private enum Fault {
        FIND_THROWS,
        FIND_FAILS,
        FILL_THROWS,
        WRITE_THROWS,
        COMMIT_THROWS,
        COMMIT_FAILS
    }

    private static final class BrokenStore extends ForwardingStore {
        private final Fault fault;

        BrokenStore(Fault fault) {
            super(new MemoryStore(1 << 20, 1 << 20));
            this.fault = fault;
        }

        private void fail(Fault when) {
            if (fault == when) {
                throw new IllegalStateException("broken store");
            }
        }

        @Override
        public CompletionStage<List<StoredResponse>> find(CacheKey key) {
            fail(Fault.FIND_THROWS);
            return fault == Fault.FIND_FAILS
                    ? CompletableFuture.failedFuture(new IllegalStateException("broken store"))
                    : CompletableFuture.completedFuture(List.of());
        }

        @Override
        public Fill fill(CacheKey key) {
            fail(Fault.FILL_THROWS);
            return new ForwardingFill(super.fill(key)) {
                @Override
                public boolean write(ByteBuffer bytes) {
                    fail(Fault.WRITE_THROWS);
                    return super.write(bytes);
                }

                @Override
                public CompletionStage<Boolean> commit(StoredResponse response) {
                    fail(Fault.COMMIT_THROWS);
                    return fault == Fault.COMMIT_FAILS
                            ? CompletableFuture.failedFuture(new IllegalStateException("broken store"))
                            : super.commit(response);
                }
            };
        }
    }
}
