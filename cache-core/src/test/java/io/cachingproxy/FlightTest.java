package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.Chunk;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who reads what; see {@link FlightPaceTest} for how fast. */
class FlightTest extends FlightDriver {
    private static final long MAX = 1 << 20;

    @Test
    void readers_of_a_kept_body_may_join_at_any_time_and_get_all_of_it() throws IOException {
        keep(-1, MAX);
        Content early = flight.join();
        push(3);
        Content late = flight.join();
        push(4);
        end(Headers.EMPTY);
        assertThat(drain(early)).isEqualTo(7);
        assertThat(drain(late)).isEqualTo(7);
        assertThat(drain(flight.join())).isEqualTo(7);
    }

    @Test
    void nobody_joins_a_body_whose_beginning_is_gone() throws IOException {
        keep(-1, 2);
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

    @Test
    void nobody_joins_a_body_that_broke_off() {
        keep(-1, MAX);
        push(1);
        flight.fail(new IOException("gone"));
        assertThat(flight.join()).isNull();
    }

    // Who has read everything can rely on it that everything was stored
    @Test
    void the_last_chunk_of_a_kept_body_is_withheld_until_the_end() throws IOException {
        keep(5, MAX);
        Content reader = flight.join();
        push(3);
        push(2);
        assertThat(drain(reader)).isEqualTo(3);
        assertThat(reader.read()).isNull();
        end(Headers.EMPTY);
        assertThat(drain(reader)).isEqualTo(2);
        assertThat(reader.read()).isSameAs(Content.END);
    }

    @Test
    void the_last_chunk_is_not_withheld_if_the_store_refuses_it() throws IOException {
        flight.keep(5, MAX, bytes -> false);
        Content reader = flight.join();
        push(5);
        assertThat(drain(reader)).isEqualTo(5);
    }

    // A client gets one write, and one HTTP/2 frame
    @Test
    void the_last_chunk_of_a_passing_body_is_read_together_with_the_end() throws IOException {
        for (int length : new int[] {3, 100_000}) { // copied, and lent
            Flight passing = new Flight(memory, Runnable::run);
            Content reader = passing.join();
            AtomicInteger calls = new AtomicInteger();
            AtomicInteger ends = new AtomicInteger();
            reader.demand(calls::incrementAndGet);
            passing.push(Chunk.of(ByteBuffer.allocate(length)), length, true, ends::incrementAndGet);
            assertThat(ends).hasValue(1);
            assertThat(calls).hasValue(0);
            assertThat(reader.read()).isNull();
            passing.end(Headers.EMPTY);
            assertThat(calls).hasValue(1);
            Chunk chunk = reader.read();
            assertThat(chunk.length()).isEqualTo(length);
            assertThat(reader.read()).isSameAs(Content.END);
            chunk.release();
        }
    }

    @Test
    void the_last_chunk_is_read_at_once_if_the_end_waits_for_readers() throws IOException {
        Content reader = flight.join();
        push(WINDOW - 1);
        push(WINDOW, true);
        assertThat(asked).hasValue(1);
        assertThat(drain(reader)).isEqualTo(2 * WINDOW - 1);
        assertThat(asked).hasValue(2);
    }

    @Test
    void the_last_chunk_is_released_if_the_end_is_a_failure() {
        Content reader = flight.join();
        push(100_000, true);
        flight.fail(new IOException("gone"));
        assertThatThrownBy(reader::read).hasMessage("gone");
        assertEachReleasedOnce();
    }

    @Test
    void a_demand_is_answered_once_by_bytes_by_the_end_and_by_failure() throws IOException {
        keep(-1, MAX);
        Content reader = flight.join();
        AtomicInteger calls = new AtomicInteger();
        reader.demand(calls::incrementAndGet);
        assertThat(calls).hasValue(0);
        push(1);
        push(1);
        assertThat(calls).hasValue(1);
        drain(reader);
        reader.demand(calls::incrementAndGet);
        end(Headers.of("X", "1"));
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
