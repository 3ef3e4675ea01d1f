package io.cachingproxy.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RedisStatsTest {
    /** 10 times up to 1 ms, 80 up to 2 ms, and 10 beyond. */
    private static final Map<Double, Double> BELOW =
            new TreeMap<>(Map.of(1e6, 10.0, 2e6, 90.0, Double.POSITIVE_INFINITY, 100.0));

    @Test
    void a_percentile_is_interpolated_in_its_bucket() {
        assertThat(RedisStats.percentile(BELOW, 5)).isEqualByComparingTo("0.5");
        assertThat(RedisStats.percentile(BELOW, 10)).isEqualByComparingTo("1");
        assertThat(RedisStats.percentile(BELOW, 50)).isEqualByComparingTo("1.5");
    }

    @Test
    void a_percentile_beyond_the_last_bound_is_that_bound() {
        assertThat(RedisStats.percentile(BELOW, 99)).isEqualByComparingTo("2");
        assertThat(RedisStats.percentile(Map.of(), 1)).isEqualByComparingTo("0");
    }
}
