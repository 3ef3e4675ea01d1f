package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.request;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.Fill;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ForwardingStore;
import io.cachingproxy.testkit.Messages.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A store that hangs: the whole response, to its last byte, waits for it no longer than one deadline. */
class StoreTimeTest {
    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final Response MINUTE =
            response(200).cacheControl("max-age=60").header("Content-Length", "5");

    private final HangingStore store = new HangingStore();

    private Client client(FillLeases leases) {
        return new Client(HttpCache.builder()
                .policy(Policy.rfc9111())
                .store(store)
                .leases(leases)
                .build());
    }

    private final Client client = client(FillLeases.ALONE);

    private void answered(Client asking, Response response, String text) {
        await().until(() -> asking.origin().requests() == 1);
        asking.origin().last().answer(response, text);
    }

    @Test
    void a_lookup_a_lease_and_a_commit_that_hang_cost_one_deadline_together() {
        store.hangs = true;
        Client sharing = client((key, variant) -> new CompletableFuture<>());
        long begun = System.nanoTime();
        Received received = sharing.send(get());
        answered(sharing, MINUTE, "hello");
        await().until(() -> received.answer().isDone() && received.isWhole());
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(received.text()).isEqualTo("hello");
        // three in series would be 300 ms; polling and a busy machine take theirs
        assertThat(took)
                .isBetween(DEADLINE.minusMillis(5), DEADLINE.multipliedBy(3).minusMillis(20));
    }

    @Test
    void the_last_bytes_come_although_the_commit_hangs_and_it_is_stored_once_the_commit_is_done() {
        Received received = client.send(get());
        store.hangs = true;
        client.origin().last().answer(MINUTE, "hello");
        await().until(received::isWhole);
        Received follower = client.send(get());
        await().until(() -> !follower.isWaiting());
        assertThat(client.origin().requests()).isEqualTo(1);
        follower.assertMiss("hello");
        store.hangs = false;
        store.goOn();
        client.send(get()).assertHit("hello");
    }

    @Test
    void an_invalidation_that_hangs_does_not_keep_the_answer_to_a_post() {
        store.hangs = true;
        Received received = client.send(request("POST"));
        client.origin().last().answer(response(200), "done");
        await().until(() -> !received.isWaiting());
        received.assertMiss("done");
    }

    @Test
    void a_lease_that_is_granted_too_late_is_given_back() {
        CompletableFuture<FillLeases.Lease> granted = new CompletableFuture<>();
        CompletableFuture<Void> released = new CompletableFuture<>();
        Client sharing = client((key, variant) -> granted);
        Received received = sharing.send(get());
        answered(sharing, MINUTE, "hello");
        await().until(() -> received.answer().isDone());
        received.assertMiss("hello");
        granted.complete(new FillLeases.Held(() -> released.complete(null)));
        assertThat(released).isCompleted();
    }

    /** A store whose operations wait while it hangs. */
    private static final class HangingStore extends ForwardingStore {
        private CompletableFuture<Void> gate = new CompletableFuture<>();
        private volatile boolean hangs;

        HangingStore() {
            super(new MemoryStore(1 << 20, 1 << 20));
        }

        void goOn() {
            gate.complete(null);
            gate = new CompletableFuture<>();
        }

        private <T> CompletionStage<T> slow(Supplier<CompletionStage<T>> operation) {
            return hangs ? gate.thenCompose(open -> operation.get()) : operation.get();
        }

        @Override
        public CompletionStage<List<StoredResponse>> find(CacheKey key) {
            return slow(() -> super.find(key));
        }

        @Override
        public Fill fill(CacheKey key) {
            return new ForwardingFill(super.fill(key)) {
                @Override
                public CompletionStage<Boolean> commit(StoredResponse response) {
                    return slow(() -> super.commit(response));
                }
            };
        }

        @Override
        public CompletionStage<Void> invalidate(CacheKey key) {
            return slow(() -> super.invalidate(key));
        }

        @Override
        public Duration deadline() {
            return DEADLINE;
        }
    }
}
