package io.cachingproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SilenceTest {
    private final AtomicInteger exceeded = new AtomicInteger();
    private final AtomicInteger later = new AtomicInteger();
    private final Silence silence = new Silence(Duration.ofMillis(20));

    /** Until the watch has had the time to end several times. */
    private void awaitLater() {
        new Silence(Duration.ofMillis(200)).watch(later::incrementAndGet);
        await().untilAsserted(() -> assertThat(later).hasValue(1));
    }

    @Test
    void a_silent_origin_is_reported_once() {
        silence.watch(exceeded::incrementAndGet);
        awaitLater();
        assertThat(exceeded).hasValue(1);
    }

    @Test
    void the_time_in_which_the_client_is_waited_for_does_not_count() {
        silence.clientReads(true);
        silence.watch(exceeded::incrementAndGet);
        awaitLater();
        assertThat(exceeded).hasValue(0);
        silence.clientReads(false);
        await().untilAsserted(() -> assertThat(exceeded).hasValue(1));
    }

    @Test
    void a_client_that_sends_is_waited_for_too() {
        silence.clientSends(true);
        silence.watch(exceeded::incrementAndGet);
        awaitLater();
        assertThat(exceeded).hasValue(0);
        silence.over();
    }

    @Test
    void nothing_is_reported_once_it_is_over() {
        silence.watch(exceeded::incrementAndGet);
        silence.over();
        awaitLater();
        assertThat(exceeded).hasValue(0);
    }
}
