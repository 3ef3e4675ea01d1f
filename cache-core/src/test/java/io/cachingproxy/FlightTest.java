package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class FlightTest {
    private static final Predicate<ByteBuffer> STORES = bytes -> true;
    private static final Predicate<ByteBuffer> REFUSES = bytes -> false;

    private final Flight flight = new Flight();
    private final List<AtomicInteger> releases = new ArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger aborts = new AtomicInteger();

    FlightTest() {
        flight.onAbort(aborts::incrementAndGet);
    }

    /** Pushes a chunk whose releases are counted; the producer is asked for more through {@code asked}. */
    private void push(int length, Predicate<ByteBuffer> store) {
        AtomicInteger released = new AtomicInteger();
        releases.add(released);
        flight.push(new Chunk(ByteBuffer.allocate(length), released::incrementAndGet), store, asked::incrementAndGet);
    }

    private void push(int length) {
        push(length, REFUSES);
    }

    private void assertEachReleasedOnce() {
        assertThat(releases).allSatisfy(released -> assertThat(released).hasValue(1));
    }

    /** Reads and releases what is there; how many bytes that were. */
    private static long drain(Content reader) throws IOException {
        long bytes = 0;
        for (Chunk chunk = reader.read(); chunk != null && chunk != Content.END; chunk = reader.read()) {
            bytes += chunk.length();
            chunk.release();
        }
        return bytes;
    }

    // safety.md 19: at most a window waits in memory for a single reader
    @Test
    void the_producer_waits_once_a_window_is_unread() throws IOException {
        Content reader = flight.join();
        push(Flight.WINDOW - 1);
        assertThat(asked).hasValue(1);
        push(1);
        assertThat(asked).hasValue(1);
        reader.read().release();
        assertThat(asked).hasValue(2);
        assertThat(drain(reader)).isEqualTo(1);
        assertThat(asked).hasValue(2);
        assertEachReleasedOnce();
    }

    @Test
    void a_kept_body_does_not_wait_for_its_readers() {
        flight.keep(-1);
        flight.join();
        push(4 * Flight.WINDOW, STORES);
        assertThat(asked).hasValue(1);
        assertEachReleasedOnce();
    }

    @Test
    void readers_of_a_kept_body_may_join_at_any_time_and_get_all_of_it() throws IOException {
        flight.keep(-1);
        Content early = flight.join();
        push(3, STORES);
        Content late = flight.join();
        push(4, STORES);
        flight.end(Headers.EMPTY);
        assertThat(drain(early)).isEqualTo(7);
        assertThat(drain(late)).isEqualTo(7);
        assertThat(drain(flight.join())).isEqualTo(7);
    }

    @Test
    void nobody_joins_a_body_whose_beginning_is_gone() throws IOException {
        flight.keep(-1);
        Content reader = flight.join();
        push(3);
        drain(reader);
        assertThat(flight.join()).isNull();
    }

    @Test
    void nobody_joins_the_reader_of_a_passing_body() {
        flight.join();
        assertThat(flight.join()).isNull();
    }

    // safety.md 23
    @Test
    void of_two_readers_the_faster_one_sets_the_pace() throws IOException {
        flight.keep(-1);
        Content fast = flight.join();
        flight.join();
        push(Flight.WINDOW, REFUSES);
        assertThat(asked).hasValue(0);
        drain(fast);
        assertThat(asked).hasValue(1);
        assertEachReleasedOnce();
    }

    // safety.md 19, 23
    @Test
    void a_laggard_is_cut_off_and_the_other_reads_on() throws IOException {
        flight.keep(-1);
        Content fast = flight.join();
        Content slow = flight.join();
        int step = Flight.WINDOW / 2;
        long read = 0;
        for (long sent = 0; sent <= Flight.MAX_LAG; sent += step) {
            push(step);
            read += drain(fast);
        }
        push(step);
        read += drain(fast);
        flight.end(Headers.EMPTY);
        assertThatThrownBy(slow::read).isInstanceOf(IOException.class);
        assertThat(read).isGreaterThan(Flight.MAX_LAG);
        assertThat(fast.read()).isSameAs(Content.END);
        assertThat(aborts).hasValue(0);
        assertEachReleasedOnce();
    }

    @Test
    void a_reader_that_lags_by_no_more_than_allowed_is_not_cut_off() throws IOException {
        flight.keep(-1);
        Content fast = flight.join();
        Content slow = flight.join();
        for (long sent = 0; sent < Flight.MAX_LAG; sent += Flight.WINDOW) {
            push(Flight.WINDOW);
            drain(fast);
        }
        flight.end(Headers.EMPTY);
        assertThat(drain(slow)).isEqualTo(Flight.MAX_LAG);
    }

    @Test
    void the_last_reader_that_leaves_aborts_a_passing_body() {
        flight.keep(-1);
        Content one = flight.join();
        Content other = flight.join();
        push(1);
        one.cancel();
        assertThat(aborts).hasValue(0);
        other.cancel();
        assertThat(aborts).hasValue(1);
        other.cancel();
        assertThat(aborts).hasValue(1);
        assertEachReleasedOnce();
    }

    // safety.md 21: a leader that hangs up hurts nobody
    @Test
    void a_kept_body_goes_on_without_readers() {
        flight.keep(-1);
        flight.join().cancel();
        push(1, STORES);
        assertThat(aborts).hasValue(0);
        assertThat(asked).hasValue(1);
    }

    @Test
    void a_body_that_nobody_wants_is_released_and_aborted() {
        push(1);
        assertThat(aborts).hasValue(1);
        assertEachReleasedOnce();
    }

    @Test
    void chunks_are_released_once_when_the_reader_leaves_in_the_middle() throws IOException {
        Content reader = flight.join();
        push(1);
        push(1);
        reader.read().release();
        reader.cancel();
        push(1);
        flight.end(Headers.EMPTY);
        assertEachReleasedOnce();
    }

    @Test
    void chunks_are_released_once_when_the_body_breaks_off() throws IOException {
        Content reader = flight.join();
        push(1);
        push(1);
        reader.read().release();
        flight.fail(new IOException("gone"));
        assertThatThrownBy(reader::read).isInstanceOf(IOException.class).hasMessage("gone");
        reader.cancel();
        flight.fail(new IOException("again"));
        flight.end(Headers.EMPTY);
        assertEachReleasedOnce();
    }

    @Test
    void nobody_joins_a_body_that_broke_off() {
        flight.keep(-1);
        push(1, STORES);
        flight.fail(new IOException("gone"));
        assertThat(flight.join()).isNull();
    }

    // Who has read everything can rely on it that everything was stored
    @Test
    void the_last_chunk_of_a_kept_body_is_withheld_until_the_end() throws IOException {
        flight.keep(5);
        Content reader = flight.join();
        push(3, STORES);
        push(2, STORES);
        assertThat(drain(reader)).isEqualTo(3);
        assertThat(reader.read()).isNull();
        flight.end(Headers.EMPTY);
        assertThat(drain(reader)).isEqualTo(2);
        assertThat(reader.read()).isSameAs(Content.END);
    }

    @Test
    void the_last_chunk_is_not_withheld_if_the_store_refuses_it() throws IOException {
        flight.keep(5);
        Content reader = flight.join();
        push(5, REFUSES);
        assertThat(drain(reader)).isEqualTo(5);
    }

    @Test
    void a_demand_is_answered_once_by_bytes_by_the_end_and_by_failure() throws IOException {
        flight.keep(-1);
        Content reader = flight.join();
        AtomicInteger calls = new AtomicInteger();
        reader.demand(calls::incrementAndGet);
        assertThat(calls).hasValue(0);
        push(1, STORES);
        push(1, STORES);
        assertThat(calls).hasValue(1);
        drain(reader);
        reader.demand(calls::incrementAndGet);
        flight.end(Headers.of("X", "1"));
        assertThat(calls).hasValue(2);
        reader.demand(calls::incrementAndGet);
        assertThat(calls).hasValue(3);
        assertThat(reader.trailers()).isEqualTo(Headers.of("X", "1"));
    }

    @Test
    void a_failure_answers_the_demand() {
        AtomicInteger calls = new AtomicInteger();
        flight.join().demand(calls::incrementAndGet);
        flight.fail(new IOException("gone"));
        assertThat(calls).hasValue(1);
    }
}
