package io.cachingproxy.store.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    private final Deadlines deadlines = new Deadlines();

    @Test
    void what_takes_too_long_fails_and_what_has_time_left_goes_on() {
        CompletableFuture<String> patient = watched(Duration.ofMinutes(1));
        for (int round = 0; round < 3; round++) {
            CompletableFuture<String> late = watched(Duration.ofMillis(1));
            assertThatThrownBy(late::join).hasCauseInstanceOf(TimeoutException.class);
        }
        assertThat(patient).isNotDone();
        patient.complete("done");
        assertThat(patient.join()).isEqualTo("done");
    }

    private CompletableFuture<String> watched(Duration time) {
        CompletableFuture<String> call = new CompletableFuture<>();
        deadlines.watch(call, time);
        return call;
    }
}
