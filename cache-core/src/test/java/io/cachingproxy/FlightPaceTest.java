package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Who waits for whom, who is cut off, and who gives the memory back. */
class FlightPaceTest extends FlightDriver {
    // at most a window waits in memory for a single reader
    @Test
    void the_producer_waits_once_a_window_is_unread() throws IOException {
        Content reader = flight.join();
        push(WINDOW - 1);
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
        keep(-1, 8 * WINDOW);
        flight.join();
        push(4 * WINDOW);
        assertThat(asked).hasValue(1);
        assertEachReleasedOnce();
    }

    @Test
    void of_two_readers_the_faster_one_sets_the_pace() throws IOException {
        keep(-1, 0);
        Content fast = flight.join();
        flight.join();
        push(WINDOW);
        assertThat(asked).hasValue(0);
        drain(fast);
        assertThat(asked).hasValue(1);
        assertEachReleasedOnce();
    }

    @Test
    void a_laggard_is_cut_off_and_the_other_reads_on() throws IOException {
        keep(-1, 0);
        Content fast = flight.join();
        Content slow = flight.join();
        int step = WINDOW / 2;
        long read = 0;
        for (long sent = 0; sent <= Flight.MAX_LAG; sent += step) {
            push(step);
            read += drain(fast);
        }
        push(step);
        read += drain(fast);
        end(Headers.EMPTY);
        assertThatThrownBy(slow::read).isInstanceOf(IOException.class);
        assertThat(read).isGreaterThan(Flight.MAX_LAG);
        assertThat(fast.read()).isSameAs(Content.END);
        assertThat(aborts).hasValue(0);
        assertEachReleasedOnce();
    }

    @Test
    void a_reader_that_lags_by_no_more_than_allowed_is_not_cut_off() throws IOException {
        keep(-1, 0);
        Content fast = flight.join();
        Content slow = flight.join();
        for (long sent = 0; sent < Flight.MAX_LAG; sent += WINDOW) {
            push(WINDOW);
            drain(fast);
        }
        end(Headers.EMPTY);
        assertThat(drain(slow)).isEqualTo(Flight.MAX_LAG);
    }

    @Test
    void the_last_reader_that_leaves_aborts_a_passing_body() {
        keep(-1, 0);
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

    // a leader that hangs up hurts nobody
    @Test
    void a_kept_body_goes_on_without_readers() {
        keep(-1, 8 * WINDOW);
        flight.join().cancel();
        push(1);
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
        end(Headers.EMPTY);
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
        end(Headers.EMPTY);
        assertEachReleasedOnce();
    }
}
