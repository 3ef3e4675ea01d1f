package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A clock beside a counter. */
class WatchedClockTest {
    private final ManualClock clock = ManualClock.atNoon();
    private final AtomicLong nanos = new AtomicLong(-7);
    private final List<Duration> steps = new ArrayList<>();
    private final List<Instant> told = new ArrayList<>();
    private WatchedClock watched;

    @BeforeEach
    void watch() {
        watched = new WatchedClock(clock, nanos::get, (step, now) -> {
            steps.add(step);
            told.add(now);
        });
    }

    private Instant after(long seconds, long onTheClock) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        clock.advance(onTheClock);
        return watched.instant();
    }

    @Test
    void a_step_back_is_noticed_once_with_its_length_and_the_time_after_it() {
        after(100, 100);
        Instant now = after(5, -25);
        assertThat(steps).containsExactly(Duration.ofSeconds(30));
        assertThat(told).containsExactly(now).containsExactly(clock.instant());
        after(5, 5);
        after(5, 0);
        assertThat(steps).hasSize(1);
    }

    @Test
    void a_step_back_is_noticed_though_nobody_asked_for_the_time_before_it() {
        after(59, 29);
        assertThat(steps).containsExactly(Duration.ofSeconds(30));
    }

    @Test
    void a_clock_that_is_corrected_by_little_or_set_forward_or_counts_on_while_the_counter_stands_still_is_right() {
        after(60, 50);
        after(60, 3660);
        after(0, 1000);
        assertThat(steps).isEmpty();
    }
}
