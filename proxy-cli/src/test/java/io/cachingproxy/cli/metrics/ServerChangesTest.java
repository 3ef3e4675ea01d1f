package io.cachingproxy.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.ServerPool;
import io.cachingproxy.testkit.ManualClock;
import java.net.URI;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ServerChangesTest {
    private final ManualClock clock = ManualClock.atNoon();
    private final ServerPool shop = new ServerPool(
            OriginSettings.of(URI.create("http://a:8080"), URI.create("http://b:8080")),
            System::nanoTime,
            new SplittableRandom(1));
    private final ServerChanges changes = new ServerChanges(clock);

    private void sample() {
        changes.sample(Map.of("shop", shop));
    }

    @Test
    void a_server_that_is_new_has_no_change() {
        shop.drain(0, true);
        sample();
        assertThat(changes.json()).isEmpty();
    }

    @Test
    void a_change_has_the_time_the_server_and_both_states() {
        sample();
        clock.advance(5);
        shop.drain(1, true);
        sample();
        sample();
        assertThat(changes.json())
                .containsExactly(Map.of(
                        "time",
                        clock.instant().toString(),
                        "origin",
                        "shop",
                        "url",
                        "http://b:8080",
                        "from",
                        "available",
                        "to",
                        "draining"));
    }

    @Test
    void the_newest_change_is_the_first_and_old_ones_are_dropped() {
        sample();
        for (int i = 0; i < 300; i++) {
            shop.drain(0, i % 2 == 0);
            sample();
        }
        assertThat(changes.json()).hasSize(200).first().extracting("to").isEqualTo("available");
    }
}
