package io.cachingproxy;

import static io.cachingproxy.testkit.Messages.get;
import static io.cachingproxy.testkit.Messages.response;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.testkit.Client;
import io.cachingproxy.testkit.Client.Received;
import io.cachingproxy.testkit.ManualClock;
import io.cachingproxy.testkit.Messages.Request;
import io.cachingproxy.testkit.Messages.Response;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Two nodes on one store, of which one may ask the origin. */
class FillLeasesTest {
    private static final Response MINUTE = response(200).cacheControl("max-age=60");

    private final MemoryStore shared = new MemoryStore(1 << 20, 1 << 20);
    private final OneLease leases = new OneLease();
    private final Client one = node();
    private final Client other = node();

    private Client node() {
        return new Client(HttpCache.builder()
                .store(shared)
                .leases(leases)
                .clock(ManualClock.atNoon())
                .build());
    }

    /** One lease for each variant. */
    private static final class OneLease implements FillLeases {
        private final AtomicInteger released = new AtomicInteger();
        private final Map<String, CompletableFuture<Boolean>> others = new HashMap<>();
        private CompletableFuture<Boolean> over;

        @Override
        public CompletionStage<Lease> ask(CacheKey key, String variant) {
            CompletableFuture<Boolean> another = variant.isEmpty() ? over : others.get(variant);
            if (another != null) {
                return CompletableFuture.completedFuture(new Elsewhere(another));
            }
            CompletableFuture<Boolean> mine = new CompletableFuture<>();
            if (variant.isEmpty()) {
                over = mine;
            } else {
                others.put(variant, mine);
            }
            return CompletableFuture.completedFuture(new Held(() -> {
                released.incrementAndGet();
                mine.complete(true);
            }));
        }

        /** Tells who waits that the lease may have run out. */
        void lapse(boolean free) {
            CompletableFuture<Boolean> lapsed = over;
            over = free ? null : new CompletableFuture<>();
            lapsed.complete(false);
        }
    }

    @Test
    void the_node_that_waited_answers_from_what_the_other_one_stored() {
        Received first = one.send(get());
        Received second = other.send(get());
        assertThat(second.isWaiting()).isTrue();
        one.origin().last().answer(MINUTE, "hello");
        first.assertMiss("hello");
        second.assertHit("hello");
        assertThat(other.origin().requests()).isZero();
        assertThat(leases.released).hasValue(1);
    }

    @Test
    void clients_of_the_node_that_waits_wait_with_it() {
        one.send(get());
        Received second = other.send(get());
        Received third = other.send(get());
        one.origin().last().answer(MINUTE, "hello");
        second.assertHit("hello");
        assertThat(third.text()).isEqualTo("hello");
        assertThat(other.origin().requests()).isZero();
    }

    @Test
    void a_response_that_may_not_be_shared_sends_the_other_node_to_the_origin_at_once() {
        one.send(get());
        Received second = other.send(get());
        one.origin().last().head(response(200).cacheControl("private"));
        assertThat(other.origin().requests()).isEqualTo(1);
        other.origin().last().answer(MINUTE, "mine");
        second.assertMiss("mine");
    }

    private static Request german() {
        return get().header("Accept-Language", "de");
    }

    private static Request french() {
        return get().header("Accept-Language", "fr");
    }

    private static Response varying() {
        return MINUTE.header("Vary", "Accept-Language");
    }

    private void storeEnglish() {
        one.send(get().header("Accept-Language", "en"));
        one.origin().last().answer(varying(), "hello");
    }

    @Test
    void nodes_that_miss_different_variants_do_not_wait_for_one_another() {
        storeEnglish();
        Received first = one.send(german());
        Received second = other.send(french());
        other.origin().last().answer(varying(), "salut");
        second.assertMiss("salut");
        one.origin().last().answer(varying(), "hallo");
        first.assertMiss("hallo");
    }

    @Test
    void nodes_that_miss_the_same_variant_make_one_request() {
        storeEnglish();
        Received first = one.send(german());
        Received second = other.send(german());
        assertThat(second.isWaiting()).isTrue();
        one.origin().last().answer(varying(), "hallo");
        first.assertMiss("hallo");
        second.assertHit("hallo");
        assertThat(other.origin().requests()).isZero();
    }

    @Test
    void requests_of_a_cold_key_that_turns_out_to_vary_are_forwarded_once_for_each_variant() {
        one.send(german());
        Received second = one.send(french());
        Received third = one.send(french());
        one.origin().last().answer(varying(), "hallo");
        assertThat(one.origin().requests()).isEqualTo(2);
        one.origin().last().answer(varying(), "salut");
        assertThat(second.text()).isEqualTo("salut");
        assertThat(third.text()).isEqualTo("salut");
        assertThat(one.origin().requests()).isEqualTo(2);
    }

    @Test
    void a_node_that_waited_for_another_variant_is_waited_for_by_the_next() {
        Client third = node();
        one.send(german());
        Received french = other.send(french());
        Received frenchToo = third.send(french());
        one.origin().last().answer(varying(), "hallo");
        Client asked = other.origin().requests() == 1 ? other : third;
        assertThat(other.origin().requests() + third.origin().requests()).isEqualTo(1);
        asked.origin().last().answer(varying(), "salut");
        assertThat(french.text()).isEqualTo("salut");
        assertThat(frenchToo.text()).isEqualTo("salut");
        assertThat(other.origin().requests() + third.origin().requests()).isEqualTo(1);
    }

    @Test
    void a_node_whose_lease_runs_out_is_succeeded_by_one_that_waits() {
        one.send(get());
        Received second = other.send(get());
        leases.lapse(true);
        other.origin().last().answer(MINUTE, "mine");
        second.assertMiss("mine");
        assertThat(leases.released).hasValue(1);
    }

    @Test
    void a_slow_node_that_lives_is_waited_for() {
        Received first = one.send(get());
        Received second = other.send(get());
        leases.lapse(false);
        leases.lapse(false);
        assertThat(second.isWaiting()).isTrue();
        one.origin().last().answer(MINUTE, "hello");
        leases.lapse(true);
        first.assertMiss("hello");
        second.assertHit("hello");
        assertThat(other.origin().requests()).isZero();
        assertThat(leases.released).hasValue(2);
    }
}
