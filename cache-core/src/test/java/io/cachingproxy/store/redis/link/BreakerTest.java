package io.cachingproxy.store.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.redisson.client.RedisOutOfMemoryException;

class BreakerTest {
    private static final Duration DEADLINE = Duration.ofMillis(50);

    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger opened = new AtomicInteger();
    private final Breaker breaker = Breaker.closed(DEADLINE, now::get, opened::incrementAndGet);

    private void pass(long millis) {
        now.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    private void answered(long millis) {
        pass(millis);
        breaker.called(Duration.ofMillis(millis).toNanos(), null);
    }

    private void probed(long millis) {
        pass(millis);
        breaker.probed(Duration.ofMillis(millis).toNanos(), null);
    }

    private void open() {
        while (breaker.isClosed()) {
            answered(51);
        }
    }

    @Test
    void answers_within_the_deadline_leave_it_closed() {
        for (int i = 0; i < 1000; i++) {
            answered(50);
        }
        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void three_late_answers_in_a_row_open_it_whatever_time_they_were_given() {
        answered(90);
        answered(90);
        assertThat(breaker.isClosed()).isTrue();
        answered(90);
        assertThat(breaker.isClosed()).isFalse();
        assertThat(opened).hasValue(1);
        assertThat(breaker.reason()).isEqualTo("no answer within 50 ms");
    }

    @Test
    void late_answers_that_all_come_after_one_pause_do_not_open_it() {
        pass(200);
        for (int i = 0; i < 10; i++) {
            breaker.called(Duration.ofMillis(200).toNanos(), null);
        }
        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void every_second_late_answer_opens_it() {
        for (int i = 0; i < 30; i++) {
            answered(60);
            answered(40);
        }
        assertThat(breaker.isClosed()).isFalse();
    }

    @Test
    void failures_open_it_and_the_answers_of_a_full_redis_do_not() {
        for (int i = 0; i < 100; i++) {
            pass(60);
            breaker.called(1, new RedisOutOfMemoryException("OOM"));
        }
        assertThat(breaker.isClosed()).isTrue();
        for (int i = 0; i < 3; i++) {
            pass(60);
            breaker.called(1, new IOException("refused"));
        }
        assertThat(breaker.isClosed()).isFalse();
        assertThat(breaker.reason()).isEqualTo("IOException");
    }

    @Test
    void many_bytes_may_take_longer_than_the_deadline() {
        for (int i = 0; i < 10; i++) {
            pass(200);
            breaker.transferred(Duration.ofMillis(200).toNanos(), null);
        }
        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void it_stays_open_while_probes_are_answered_late() {
        open();
        for (int i = 0; i < 100; i++) {
            probed(90);
        }
        assertThat(breaker.isClosed()).isFalse();
    }

    @Test
    void three_probes_in_a_row_within_the_deadline_close_it() {
        pass(60_000);
        open();
        probed(10);
        probed(10);
        probed(90);
        probed(10);
        probed(10);
        assertThat(breaker.isClosed()).isFalse();
        probed(10);
        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void it_closes_later_if_it_had_to_open_soon_after_it_had_closed() {
        pass(60_000);
        open();
        for (int i = 0; i < 3; i++) {
            probed(10);
        }
        open();
        for (int i = 0; i < 5; i++) {
            probed(10);
        }
        assertThat(breaker.isClosed()).isFalse();
        probed(10);
        assertThat(breaker.isClosed()).isTrue();
    }

    @Test
    void it_is_open_until_a_first_probe_is_good() {
        Breaker first = new Breaker(DEADLINE, now::get, opened::incrementAndGet);
        assertThat(first.isClosed()).isFalse();
        first.probed(Duration.ofMillis(500).toNanos(), null);
        assertThat(first.isClosed()).isFalse();
        first.probed(1, null);
        assertThat(first.isClosed()).isTrue();
    }

    @Test
    void for_one_deadline_after_a_bad_call_no_request_waits_for_another() {
        answered(51);
        assertThat(breaker.isClosed()).isTrue();
        assertThat(breaker.isPrompt()).isFalse();
        pass(50);
        assertThat(breaker.isPrompt()).isTrue();
    }

    @Test
    void where_answers_take_more_than_a_third_of_the_deadline_no_request_waits_for_several() {
        for (int i = 0; i < 3; i++) {
            assertThat(breaker.isQuick()).isTrue();
            answered(17);
        }
        assertThat(breaker.isQuick()).isFalse();
        assertThat(breaker.isPrompt()).isTrue();
        answered(16);
        assertThat(breaker.isQuick()).isTrue();
    }

    @Test
    void it_is_half_open_from_the_first_good_probe_to_the_last() {
        assertThat(breaker.state("main").kind()).isEqualTo(BreakerState.Kind.CLOSED);
        open();
        assertThat(breaker.state("main").kind()).isEqualTo(BreakerState.Kind.OPEN);
        probed(1);
        assertThat(breaker.state("main").kind()).isEqualTo(BreakerState.Kind.HALF_OPEN);
        probed(51);
        assertThat(breaker.state("main").kind()).isEqualTo(BreakerState.Kind.OPEN);
        while (!breaker.isClosed()) {
            probed(1);
        }
        assertThat(breaker.state("main"))
                .isEqualTo(new BreakerState("main", BreakerState.Kind.CLOSED, "no answer within 50 ms"));
    }
}
