package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.store.BodyMemory;
import io.cachingproxy.store.parts.MemoryBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What bodies in flight take of the budget, and give back. */
class FlightMemoryTest {
    private static final int MIB = 1 << 20;

    private final BodyMemory memory = BodyMemory.onHeap(4 * MIB);

    private Flight flight(long announced) {
        Flight flight = new Flight(memory, Runnable::run);
        flight.keep(announced, memory.longestBody(), piece -> true);
        return flight;
    }

    private static void push(Flight flight, byte[] bytes) {
        flight.push(Chunk.of(ByteBuffer.wrap(bytes)), bytes.length, false, () -> {});
    }

    @Test
    void chunks_of_one_byte_take_no_more_than_twice_their_length() {
        Flight flight = flight(-1);
        for (int i = 0; i < 100_000; i++) {
            push(flight, new byte[] {(byte) i});
        }
        assertThat(memory.transientBytes()).isLessThan(200_000);
        MemoryBody body = Objects.requireNonNull(flight.complete());
        flight.end(Headers.EMPTY);
        assertThat(body.length()).isEqualTo(100_000);
        assertThat(memory.transientBytes()).isZero();
    }

    @Test
    void an_announced_length_takes_no_memory_before_the_bytes_are_there() {
        Flight flight = flight(MIB);
        push(flight, new byte[10]);
        assertThat(memory.transientBytes()).isLessThanOrEqualTo(MIB);
        for (int i = 0; i < 10; i++) {
            flight(MIB);
        }
        assertThat(memory.transientBytes()).isLessThanOrEqualTo(MIB);
    }

    @Test
    void when_the_budget_is_short_a_new_body_passes_and_is_not_stored() throws IOException {
        Flight first = flight(-1);
        first.join();
        push(first, new byte[2 * MIB - 4096]);
        Flight second = flight(-1);
        Content reader = Objects.requireNonNull(second.join());
        push(second, new byte[MIB]);
        assertThat(second.isKept()).isFalse();
        assertThat(second.complete()).isNull();
        second.end(Headers.EMPTY);
        assertThat(drain(reader)).hasSize(MIB);
        assertThat(memory.transientBytes()).isLessThanOrEqualTo(2 * MIB);
    }

    @Test
    void a_body_that_is_kept_no_longer_is_given_back_as_it_is_read() throws IOException {
        Flight flight = flight(-1);
        Content reader = Objects.requireNonNull(flight.join());
        for (int i = 0; i < 3; i++) {
            push(flight, new byte[MIB - 8192]);
        }
        assertThat(flight.isKept()).isFalse();
        long before = memory.transientBytes();
        Chunk chunk = Objects.requireNonNull(reader.read());
        assertThat(memory.transientBytes()).isEqualTo(before);
        chunk.release();
        assertThat(memory.transientBytes()).isLessThan(before);
        drain(reader);
        flight.end(Headers.EMPTY);
        drain(reader);
        assertThat(memory.transientBytes()).isZero();
    }

    @Test
    void readers_of_a_passing_body_wait_for_each_other_when_memory_is_short_and_none_is_cut_off() throws IOException {
        assertThat(memory.tryTake(memory.longestBody())).isTrue();
        Flight flight = new Flight(memory, Runnable::run);
        flight.onAbort(() -> {});
        flight.keep(-1, memory.longestBody(), piece -> true);
        Content fast = Objects.requireNonNull(flight.join());
        Content slow = Objects.requireNonNull(flight.join());
        AtomicInteger asked = new AtomicInteger();
        flight.push(Chunk.of(ByteBuffer.wrap(new byte[512 * 1024])), 512 * 1024, false, asked::incrementAndGet);
        assertThat(drain(fast)).hasSize(512 * 1024);
        assertThat(asked).hasValue(0);
        assertThat(drain(slow)).hasSize(512 * 1024);
        assertThat(asked).hasValue(1);
        fast.cancel();
        slow.cancel();
        flight.fail(new IOException("gone"));
        assertThat(memory.transientBytes()).isEqualTo(memory.longestBody());
        memory.give(memory.longestBody());
    }

    /** Any chunking, readers that come, stop, leave and read at any pace: each gets the right bytes, and all memory is back. */
    @Test
    void every_reader_gets_the_same_bytes_and_all_memory_comes_back() throws IOException {
        for (int seed = 0; seed < 400; seed++) {
            new Run(new Random(seed)).run();
            assertThat(memory.transientBytes()).as("seed %d", seed).isZero();
            assertThat(memory.window()).isEqualTo(256 * 1024);
        }
    }

    private final class Run {
        private final Random random;
        private final byte[] sent;
        private final Flight flight = new Flight(memory, Runnable::run);
        private final List<Reader> readers = new ArrayList<>();
        private boolean asked = true;
        private int at;

        Run(Random random) {
            this.random = random;
            this.sent = new byte[random.nextInt(4) == 0 ? random.nextInt(3 * MIB) : random.nextInt(100_000)];
            random.nextBytes(sent);
        }

        void run() throws IOException {
            flight.onAbort(() -> {});
            long longest = random.nextInt(3) == 0 ? random.nextInt(sent.length + 1) : memory.longestBody();
            boolean refuses = random.nextInt(5) == 0;
            if (random.nextInt(5) > 0) {
                flight.keep(random.nextBoolean() ? sent.length : -1, longest, piece -> !refuses);
            }
            join();
            while (at < sent.length) {
                step();
            }
            boolean fails = random.nextInt(6) == 0;
            MemoryBody body = fails ? null : flight.complete();
            if (fails) {
                flight.fail(new IOException("gone"));
            } else {
                flight.end(Headers.EMPTY);
            }
            if (body != null) {
                assertThat(drain(body.read())).isEqualTo(sent);
            }
            for (Reader reader : readers) {
                reader.finish(fails);
            }
        }

        private void step() throws IOException {
            switch (random.nextInt(5)) {
                case 0 -> join();
                case 1, 2 -> {
                    if (!readers.isEmpty()) {
                        readers.get(random.nextInt(readers.size())).step();
                    }
                }
                default -> push();
            }
        }

        private void push() throws IOException {
            if (!asked) {
                for (Reader reader : readers) {
                    reader.step();
                }
                return;
            }
            int count = Math.min(sent.length - at, 1 + random.nextInt(random.nextBoolean() ? 100 : 70_000));
            asked = false;
            byte[] bytes = Arrays.copyOfRange(sent, at, at + count);
            at += count;
            flight.push(Chunk.of(ByteBuffer.wrap(bytes)), bytes.length, false, () -> asked = true);
        }

        private void join() {
            Content content = readers.size() < 5 ? flight.join() : null;
            if (content != null) {
                readers.add(new Reader(content));
            }
        }

        private final class Reader {
            private final Content content;
            private final ByteArrayOutputStream got = new ByteArrayOutputStream();
            private final List<Chunk> unreleased = new ArrayList<>();
            private boolean over;

            Reader(Content content) {
                this.content = content;
            }

            void step() throws IOException {
                if (over) {
                    return;
                }
                if (random.nextInt(50) == 0 && readers.size() > 1) {
                    over = true;
                    content.cancel();
                    return;
                }
                try {
                    take(content.read());
                } catch (IOException cut) {
                    assertThat(content.isCutOff()).isTrue();
                    over = true;
                }
                while (!unreleased.isEmpty() && random.nextBoolean()) {
                    unreleased.remove(0).release();
                }
            }

            private void take(Chunk chunk) {
                if (chunk == Content.END) {
                    over = true;
                    assertThat(got.toByteArray()).isEqualTo(sent);
                } else if (chunk != null) {
                    got.writeBytes(chunk.copy().array());
                    unreleased.add(chunk);
                }
            }

            void finish(boolean fails) throws IOException {
                for (int i = 0; !over && i < 100_000; i++) {
                    try {
                        take(content.read());
                    } catch (IOException broken) {
                        assertThat(fails || content.isCutOff()).isTrue();
                        over = true;
                    }
                }
                assertThat(over).isTrue();
                content.cancel();
                unreleased.forEach(Chunk::release);
                assertThat(got.toByteArray()).isEqualTo(Arrays.copyOf(sent, got.size()));
            }
        }
    }

    private static byte[] drain(Content content) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Chunk chunk = content.read(); chunk != null && chunk != Content.END; chunk = content.read()) {
            all.writeBytes(chunk.copy().array());
            chunk.release();
        }
        return all.toByteArray();
    }
}
