package io.cachingproxy.jetty.front;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final Throttle throttle = new Throttle(nanos::get);

    @Test
    void ten_pass_in_ten_seconds_and_the_next_says_how_many_did_not() {
        for (int i = 0; i < 10; i++) {
            assertThat(throttle.take()).isZero();
        }
        assertThat(throttle.take()).isNegative();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(10) - 1);
        assertThat(throttle.take()).isNegative();
        nanos.addAndGet(1);
        assertThat(throttle.take()).isEqualTo(2);
        assertThat(throttle.take()).isZero();
    }
}
