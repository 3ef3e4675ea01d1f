package io.cachingproxy.store;

import static io.cachingproxy.testkit.StoredResponses.find;
import static io.cachingproxy.testkit.StoredResponses.join;
import static io.cachingproxy.testkit.StoredResponses.key;
import static io.cachingproxy.testkit.StoredResponses.response;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Stored bodies, those that are read after their eviction, and the budget for both. */
class BodyBudgetTest {
    private static final int MIB = 1 << 20;

    private final AtomicLong nanoTime = new AtomicLong();
    private final BodyMemory memory = new BodyMemory(10 * MIB, 0, nanoTime::get);
    private final MemoryStore store = new MemoryStore(4 * MIB, memory);

    private void store(String path, int length) {
        Fill fill = store.fill(key(path));
        fill.write(ByteBuffer.allocate(length));
        assertThat(join(fill.commit(response()))).isTrue();
    }

    private Content read(String path) {
        return find(store, key(path)).get(0).body().read();
    }

    private static Chunk first(Content content) {
        try {
            return Objects.requireNonNull(content.read());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void what_is_stored_is_not_transient() {
        store("/a", MIB);
        assertThat(memory.transientBytes()).isZero();
        first(read("/a")).release();
        assertThat(memory.transientBytes()).isZero();
    }

    @Test
    void an_evicted_body_is_transient_as_long_as_it_is_read() throws IOException {
        store("/a", MIB);
        Content content = read("/a");
        Chunk chunk = first(content);
        join(store.invalidate(key("/a")));
        assertThat(memory.transientBytes()).isEqualTo(MIB);
        content.cancel();
        assertThat(memory.transientBytes()).isEqualTo(MIB);
        chunk.release();
        assertThat(memory.transientBytes()).isZero();
    }

    @Test
    void the_last_chunk_keeps_the_body_until_it_is_released() throws IOException {
        store("/a", 100);
        Content content = read("/a");
        Chunk chunk = first(content);
        assertThat(content.read()).isSameAs(Content.END);
        join(store.clear());
        assertThat(memory.transientBytes()).isEqualTo(100);
        chunk.release();
        assertThat(memory.transientBytes()).isZero();
    }

    @Test
    void a_replaced_body_and_a_purged_one_are_transient_while_they_are_read() {
        store("/a", 100);
        Chunk replaced = first(read("/a"));
        store("/a", 200);
        assertThat(memory.transientBytes()).isEqualTo(100);
        Chunk purged = first(read("/a"));
        join(store.purge(Purge.hard(new Purge.Scope.All())));
        assertThat(find(store, key("/a"))).isEmpty();
        assertThat(memory.transientBytes()).isEqualTo(300);
        replaced.release();
        purged.release();
        assertThat(memory.transientBytes()).isZero();
    }

    @Test
    void what_is_read_after_its_eviction_leaves_less_for_what_is_stored() {
        List<Content> contents = new ArrayList<>();
        for (int i = 0; i < 50 && memory.tryTake(MIB); i++) {
            memory.give(MIB);
            store("/" + i, MIB); // which the store may refuse, if it takes what it has for better
            find(store, key("/" + i)).forEach(found -> {
                contents.add(found.body().read());
                first(contents.get(contents.size() - 1)).release();
            });
            assertThat(store.bytes() + memory.transientBytes()).isLessThanOrEqualTo(memory.bytes() * 3 / 2 + MIB);
        }
        assertThat(contents).hasSizeBetween(8, 20);
        contents.forEach(Content::cancel);
        assertThat(memory.transientBytes()).isZero();
        assertThat(memory.tryTake(MIB)).isTrue();
        memory.give(MIB);
    }

    @Test
    void half_of_the_budget_is_for_bodies_in_flight() {
        assertThat(memory.longestBody()).isEqualTo(5 * MIB);
        assertThat(memory.tryTake(5 * MIB)).isTrue();
        assertThat(memory.tryTake(1)).isFalse();
        memory.give(1);
        assertThat(memory.tryTake(1)).isTrue();
    }

    @Test
    void many_bodies_that_pass_have_smaller_windows() {
        assertThat(memory.window()).isEqualTo(256 * 1024);
        for (int i = 0; i < 100; i++) {
            memory.beginPassing();
        }
        assertThat(memory.window()).isEqualTo(4 * MIB / 100);
        for (int i = 0; i < 1000; i++) {
            memory.beginPassing();
        }
        assertThat(memory.window()).isEqualTo(16 * 1024);
    }

    @Test
    void a_reader_that_stands_still_is_cut_off_when_memory_is_short() throws IOException {
        store("/slow", 3 * MIB);
        Content slow = read("/slow");
        Chunk pending = first(slow);
        join(store.invalidate(key("/slow")));
        store("/fast", 3 * MIB);
        Content fast = read("/fast");
        first(fast).release();
        join(store.invalidate(key("/fast")));
        nanoTime.addAndGet(BodyMemory.STALLED - 1);
        first(fast).release();
        nanoTime.addAndGet(1);
        memory.relieve();
        assertThat(slow.isCutOff()).isTrue();
        assertThatThrownBy(slow::read).hasMessageContaining("too slowly");
        assertThat(fast.isCutOff()).isFalse();
        slow.cancel();
        pending.release();
        fast.cancel();
        assertThat(memory.transientBytes()).isZero();
    }

    @Test
    void of_the_readers_that_stand_still_the_slowest_are_cut_off_first_and_no_more_than_needed() {
        List<Content> contents = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            store("/" + i, MIB);
            contents.add(read("/" + i));
            first(contents.get(i));
            join(store.invalidate(key("/" + i)));
            nanoTime.addAndGet(1000);
        }
        nanoTime.addAndGet(BodyMemory.STALLED);
        memory.relieve();
        assertThat(contents.stream().map(Content::isCutOff)).containsExactly(true, true, false);
    }

    /** Any order of storing, reading, releasing, leaving and removing: in the end nothing is transient. */
    @Test
    void whatever_happens_all_memory_comes_back() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<Content> contents = new ArrayList<>();
            List<Chunk> chunks = new ArrayList<>();
            for (int step = 0; step < 100; step++) {
                String path = "/" + random.nextInt(4);
                switch (random.nextInt(6)) {
                    case 0 -> store(path, 1 + random.nextInt(MIB));
                    case 1 ->
                        find(store, key(path))
                                .forEach(found -> contents.add(found.body().read()));
                    case 2 -> {
                        if (!contents.isEmpty()) {
                            Chunk chunk = contents.get(random.nextInt(contents.size()))
                                    .read();
                            if (chunk != null && chunk != Content.END) {
                                chunks.add(chunk);
                            }
                        }
                    }
                    case 3 -> {
                        if (!chunks.isEmpty()) {
                            chunks.remove(random.nextInt(chunks.size())).release();
                        }
                    }
                    case 4 -> {
                        if (!contents.isEmpty()) {
                            contents.remove(random.nextInt(contents.size())).cancel();
                        }
                    }
                    default -> join(random.nextBoolean() ? store.invalidate(key(path)) : store.clear());
                }
                assertThat(memory.transientBytes()).isBetween(0L, 200L * MIB);
            }
            contents.forEach(Content::cancel);
            chunks.forEach(Chunk::release);
            assertThat(memory.transientBytes()).as("seed %d", seed).isZero();
        }
    }
}
