package io.cachingproxy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Mixed traffic for a while: hits, misses, validations, ranges, POSTs that invalidate, clients that hang up or read slowly, an
 * origin that stalls and fails. {@code mvn verify -Psoak -DskipTests -Dsoak.minutes=60} for an hour.
 */
@EnabledOnOs(OS.LINUX)
class Soak {
    private static final double MINUTES = Double.parseDouble(System.getProperty("soak.minutes", "2"));
    private static final long MIB = 1 << 20;

    @Test
    void mixed_traffic_meets_no_error_no_wrong_byte_and_leaves_nothing_behind() throws Exception {
        List<String> jvm = List.of("-Xms192m", "-Xmx192m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC");
        try (SoakOrigin origin = new SoakOrigin();
                RunningProxy proxy = RunningProxy.start(jvm, origin.uri(), "--memory", "16MiB")) {
            SoakTraffic traffic = new SoakTraffic(origin, proxy.port());
            traffic.run(8_000, Double.POSITIVE_INFINITY); // warms up, and fills the cache
            double capacity = traffic.run(8_000, Double.POSITIVE_INFINITY);
            traffic.run(5_000, 0.7 * capacity);
            Vitals before = Vitals.of(proxy.pid());
            double rate = traffic.run((long) (MINUTES * 60_000), 0.7 * capacity);
            Vitals after = Vitals.of(proxy.pid());
            System.out.printf(
                    "soak: %.1f min, %d requests, %.0f/s of %.0f/s, %d hits, %d at the origin, %d aborted by clients,%n"
                            + "soak: %d faults of the origin, met by %d requests; %d other errors, %d wrong%n"
                            + "soak: before %s%nsoak: after  %s%n",
                    MINUTES,
                    traffic.done.get(),
                    rate,
                    capacity,
                    traffic.hits.get(),
                    origin.requests(),
                    traffic.aborted.get(),
                    origin.faults(),
                    traffic.originsFault.get(),
                    traffic.errors.size(),
                    traffic.wrong.size(),
                    before,
                    after);
            assertThat(traffic.wrong).isEmpty();
            assertThat(traffic.errors).isEmpty();
            assertThat(traffic.originsFault.get()).isPositive();
            assertThat(traffic.hits.get()).isGreaterThan(traffic.done.get() / 2);
            assertThat(after.heap()).isLessThan(before.heap() + 6 * MIB);
            assertThat(after.resident()).isLessThan(before.resident() + 48 * MIB);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Vitals.of(proxy.pid()).descriptors() <= before.descriptors() + 20);
            assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + 20);
            assertThat(proxy.stderr()).isEmpty();
        }
    }
}
