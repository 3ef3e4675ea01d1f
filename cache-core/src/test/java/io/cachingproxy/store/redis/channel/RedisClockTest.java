package io.cachingproxy.store.redis.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RedisClockTest {
    private static final long MILLI = 1_000_000;

    /** A time on the clock of Redis, in microseconds. */
    private static final long NOON = 1_780_000_000_000_000L;

    private final RedisClock clock = new RedisClock();

    private Duration since(long micros, long now) {
        return clock.since(micros, now).orElseThrow();
    }

    @Test
    void the_age_of_a_message_is_measured_by_the_clock_of_redis() {
        clock.answered(1000 * MILLI, 1002 * MILLI, NOON);
        assertThat(since(NOON, 1001 * MILLI)).isEqualTo(Duration.ZERO);
        assertThat(since(NOON, 1006 * MILLI)).isEqualTo(Duration.ofMillis(5));
        assertThat(since(NOON + 3000, 1006 * MILLI)).isEqualTo(Duration.ofMillis(2));
    }

    @Test
    void a_stamp_of_the_future_has_no_age() {
        clock.answered(0, 2 * MILLI, NOON);
        assertThat(since(NOON + 1_000_000, 5 * MILLI)).isEqualTo(Duration.ZERO);
    }

    @Test
    void the_answer_with_the_shortest_round_trip_counts() {
        clock.answered(0, 2 * MILLI, NOON);
        clock.answered(400 * MILLI, 500 * MILLI, NOON + 499_000); // late on the way there
        assertThat(since(NOON, 11 * MILLI)).isEqualTo(Duration.ofMillis(10));
    }

    @Test
    void a_clock_that_was_set_is_followed_after_a_few_answers() {
        clock.answered(0, 2 * MILLI, NOON);
        for (int i = 1; i <= 8; i++) {
            clock.answered(i * 400 * MILLI, i * 400 * MILLI + 4 * MILLI, NOON + 60_000_000 + i * 400_000L);
        }
        assertThat(since(NOON + 60_000_000 + 3_200_000, 3_202 * MILLI)).isEqualTo(Duration.ZERO);
    }

    @Test
    void nothing_is_measured_without_an_answer_that_has_a_time() {
        assertThat(clock.since(NOON, 0)).isEmpty();
        clock.answered(0, 2 * MILLI, 0);
        assertThat(clock.since(NOON, 0)).isEmpty();
        clock.answered(0, 2 * MILLI, NOON);
        clock.reset();
        assertThat(clock.since(NOON, 0)).isEmpty();
    }
}
