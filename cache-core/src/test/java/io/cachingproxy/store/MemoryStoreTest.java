package io.cachingproxy.store;

import static io.cachingproxy.testkit.StoredResponses.bodies;
import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static io.cachingproxy.testkit.StoredResponses.store;
import static io.cachingproxy.testkit.StoredResponses.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.testkit.CacheStoreContract;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends CacheStoreContract {
    private static final long MAX = 32 << 20;

    private final MemoryStore memory = new MemoryStore(MAX, MAX_OBJECT);

    @Override
    protected CacheStore open() {
        return memory;
    }

    @Test
    void every_stage_is_completed_when_it_is_returned() {
        assertThat(store.find(key).toCompletableFuture()).isDone();
        assertThat(store.fill(key).commit(response()).toCompletableFuture()).isDone();
        assertThat(store.invalidate(key).toCompletableFuture()).isDone();
        assertThat(store.clear().toCompletableFuture()).isDone();
    }

    @Test
    void the_entries_are_those_that_are_found_and_a_count_is_of_what_a_purge_removes() {
        store(store, key("/a"), response("Cache-Tag", "news"), "a");
        store(store, key("/b"), response("Cache-Tag", "other"), "b");
        assertThat(store.entries().map(StoredEntry::key)).containsExactlyInAnyOrder(key("/a"), key("/b"));
        Purge.Scope news = new Purge.Scope.Tag("news");
        assertThat(store.count(List.of(news))).hasValue(1);
        assertThat(store.count(List.of(news, new Purge.Scope.All()))).hasValue(2);
        join(store.purge(Purge.hard(news)));
        assertThat(store.entries().map(StoredEntry::key)).containsExactly(key("/b"));
        assertThat(store.count(List.of(news))).hasValue(0);
        join(store.clear());
        assertThat(store.entries()).isEmpty();
    }

    @Test
    void any_number_of_purges_removes_what_they_name_and_nothing_else() {
        store(store, key("/kept"), response("Cache-Tag", "kept"), "kept");
        for (int i = 0; i < 60_000; i++) {
            if (i == 30_000) {
                store(store, key("/gone"), response("Cache-Tag", "gone"), "gone");
            }
            join(store.purge(Purge.hard(new Purge.Scope.Tag("never" + i))));
            if (i == 30_000) {
                join(store.purge(Purge.hard(new Purge.Scope.Tag("gone"))));
            }
        }
        assertThat(bodies(store, key("/kept"))).containsExactly("kept");
        assertThat(find(store, key("/gone"))).isEmpty();
    }

    @Test
    void a_response_whose_fill_began_before_many_purges_is_not_stored_in_spite_of_them() {
        Fill fill = store.fill(key("/late"));
        join(store.purge(Purge.hard(new Purge.Scope.Tag("late"))));
        for (int i = 0; i < 60_000; i++) {
            join(store.purge(Purge.hard(new Purge.Scope.Tag("never" + i))));
        }
        join(fill.commit(response("Cache-Tag", "late")));
        assertThat(find(store, key("/late"))).isEmpty();
    }

    @Test
    void the_bytes_stay_under_the_bound_whatever_is_stored() {
        MemoryStore small = new MemoryStore(1 << 20, 1 << 18);
        for (int i = 0; i < 500; i++) {
            Fill fill = small.fill(key("/" + i));
            fill.write(ByteBuffer.allocate(10_000 + i));
            join(fill.commit(response("X", "y".repeat(i))));
            assertThat(small.bytes()).isLessThanOrEqualTo(1 << 20);
        }
        assertThat(small.keys()).isBetween(20L, 105L);
    }

    @Test
    void responses_without_a_body_count_too() {
        MemoryStore small = new MemoryStore(100_000, 1000);
        for (int i = 0; i < 1000; i++) {
            store(small, key("/" + i), "");
        }
        assertThat(small.keys()).isLessThan(200);
    }

    @Test
    void what_was_found_is_kept_when_much_is_stored_that_nobody_asks_for() {
        MemoryStore small = new MemoryStore(200_000, 1000);
        for (int i = 0; i < 1000; i++) {
            store(small, key(i < 20 ? "/asked/" + i : "/once/" + i), "");
            find(small, key("/asked/" + i % 20));
        }
        long kept = IntStream.range(0, 20)
                .filter(i -> !find(small, key("/asked/" + i)).isEmpty())
                .count();
        assertThat(kept).isGreaterThan(8);
    }

    @Test
    void fills_racing_with_clear_never_bring_back_what_they_began_before_it() throws Exception {
        for (int round = 0; round < 300; round++) {
            Fill old = memory.fill(key);
            old.write(utf8("old"));
            CompletableFuture<Void> clearing = CompletableFuture.runAsync(() -> join(memory.clear()));
            join(old.commit(response()));
            clearing.get();
            assertThat(find(memory, key)).isEmpty();
        }
    }

    @Test
    void fills_racing_with_an_invalidation_never_bring_back_what_they_began_before_it() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        for (int round = 0; round < 300; round++) {
            Fill old = memory.fill(key);
            old.write(utf8("old"));
            CompletableFuture<Void> removing = CompletableFuture.runAsync(() -> join(memory.invalidate(key)));
            refused.addAndGet(join(old.commit(response())) ? 0 : 1);
            removing.get();
            assertThat(find(memory, key)).isEmpty();
        }
    }

    @Test
    void many_invalidations_do_not_hide_what_stays_stored() {
        store(memory, key, "stays");
        for (int i = 0; i < 150_000; i++) {
            join(memory.invalidate(key("/gone/" + i)));
        }
        assertThat(bodies(memory, key)).containsExactly("stays");
    }

    @Test
    void a_fill_is_refused_once_the_removals_since_it_began_are_forgotten() {
        Fill old = memory.fill(key);
        join(memory.invalidate(key));
        for (int i = 0; i < 150_000; i++) {
            join(memory.invalidate(key("/gone/" + i)));
        }
        assertThat(join(old.commit(response()))).isFalse();
    }

    @Test
    void kept_copies_are_found_as_they_are() {
        StoredResponse copy = response("X", "copy");
        memory.keep(key, List.of(copy), memory.mark());
        assertThat(find(memory, key)).containsExactly(copy);
        memory.keep(key, List.of(), memory.mark());
        assertThat(find(memory, key)).isEmpty();
    }

    @Test
    void a_copy_is_not_kept_if_its_key_was_removed_since_it_was_asked_for() {
        long mark = memory.mark();
        join(memory.invalidate(key));
        memory.keep(key, List.of(response()), mark);
        assertThat(find(memory, key)).isEmpty();
    }

    @Test
    void a_copy_does_not_replace_a_younger_one() {
        long mark = memory.mark();
        StoredResponse younger = response("X", "younger");
        memory.keep(key, List.of(younger), memory.mark());
        memory.keep(key, List.of(response("X", "older")), mark);
        assertThat(find(memory, key)).containsExactly(younger);
    }
}
