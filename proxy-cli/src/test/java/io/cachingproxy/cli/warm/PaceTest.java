package io.cachingproxy.cli.warm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long NOW = Long.MAX_VALUE - 50_000_000; // nanoTime may overflow

    private final Pace pace = new Pace(10);

    @Test
    void the_first_request_is_sent_at_once_and_the_next_ones_an_interval_apart() {
        assertThat(pace.turn(NOW)).isZero();
        assertThat(pace.turn(NOW)).isEqualTo(100_000_000);
        assertThat(pace.turn(NOW + 60_000_000)).isEqualTo(140_000_000);
    }

    @Test
    void time_without_requests_is_not_made_up_for_by_a_burst() {
        pace.turn(NOW);
        assertThat(pace.turn(NOW + 1_000_000_000)).isZero();
        assertThat(pace.turn(NOW + 1_000_000_000)).isEqualTo(100_000_000);
    }

    @Test
    void after_a_stop_no_request_has_a_turn() throws InterruptedException {
        assertThat(pace.await()).isTrue();
        pace.stop();
        assertThat(pace.await()).isFalse();
    }
}
