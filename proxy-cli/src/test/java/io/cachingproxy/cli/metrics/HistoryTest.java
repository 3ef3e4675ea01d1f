package io.cachingproxy.cli.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ManualClock clock = ManualClock.atNoon();
    private final Instant noon = clock.instant();
    private final History history = new History(clock);
    private final Map<String, Double> counters = new HashMap<>();
    private final Map<String, Double> gauges = new HashMap<>();

    private void sampleAfter(long seconds) {
        clock.advance(seconds);
        history.sample(() -> counters, () -> gauges);
    }

    private JsonNode read(int minutes) throws IOException {
        return MAPPER.readTree(history.json(minutes));
    }

    private String series(String name) throws IOException {
        return read(360).path("series").path(name).toString();
    }

    @Test
    void without_a_sample_all_series_are_empty() throws IOException {
        assertThat(read(360).path("step").intValue()).isEqualTo(10);
        assertThat(series("requests.hit")).isEqualTo("[]");
        assertThat(series("bytes.generated")).isEqualTo("[]");
        assertThat(series("latency.miss.p99")).isEqualTo("[]");
    }

    @Test
    void a_point_is_the_growth_of_a_counter_in_its_step_and_the_value_of_a_gauge_at_its_end() throws IOException {
        counters.put("requests.hit", 5.0);
        gauges.put("stored.entries", 3.0);
        sampleAfter(10);
        counters.put("requests.hit", 12.0);
        gauges.put("stored.entries", 2.0);
        sampleAfter(10);
        assertThat(series("requests.hit")).isEqualTo("[5,7]");
        assertThat(series("requests.miss")).isEqualTo("[0,0]");
        assertThat(series("stored.entries")).isEqualTo("[3,2]");
        assertThat(read(360).path("from").asText()).isEqualTo(noon.toString());
    }

    @Test
    void a_step_is_sampled_once() throws IOException {
        counters.put("requests.hit", 5.0);
        sampleAfter(10);
        counters.put("requests.hit", 6.0);
        sampleAfter(9);
        assertThat(series("requests.hit")).isEqualTo("[5]");
        sampleAfter(1);
        assertThat(series("requests.hit")).isEqualTo("[5,1]");
    }

    @Test
    void a_step_without_a_sample_is_null() throws IOException {
        counters.put("requests.hit", 5.0);
        sampleAfter(10);
        counters.put("requests.hit", 8.0);
        sampleAfter(30);
        assertThat(series("requests.hit")).isEqualTo("[5,null,null,3]");
        assertThat(series("redis")).isEqualTo("[null,null,null,null]");
    }

    @Test
    void six_hours_are_kept_and_no_more() throws IOException {
        for (int i = 1; i <= 2500; i++) {
            gauges.put("connections", (double) i);
            sampleAfter(10);
        }
        JsonNode connections = read(360).path("series").path("connections");
        assertThat(connections).hasSize(2160);
        assertThat(connections.get(0).intValue()).isEqualTo(341);
        assertThat(connections.get(2159).intValue()).isEqualTo(2500);
        assertThat(read(1).path("series").path("connections").toString()).isEqualTo("[2495,2496,2497,2498,2499,2500]");
        assertThat(read(1).path("from").asText())
                .isEqualTo(noon.plusSeconds(24_940).toString());
    }

    @Test
    void a_gap_longer_than_six_hours_begins_a_new_history() throws IOException {
        gauges.put("connections", 1.0);
        sampleAfter(10);
        sampleAfter(Duration.ofHours(7).toSeconds());
        assertThat(series("connections")).isEqualTo("[1]");
    }

    @Test
    void a_clock_that_is_set_back_begins_a_new_history() throws IOException {
        gauges.put("connections", 1.0);
        sampleAfter(10);
        gauges.put("connections", 2.0);
        sampleAfter(-3600);
        assertThat(series("connections")).isEqualTo("[2]");
        sampleAfter(10);
        assertThat(series("connections")).isEqualTo("[2,2]");
    }

    @Test
    void percentiles_are_exact_to_six_percent_and_of_one_step() throws IOException {
        for (int i = 1; i <= 100; i++) {
            history.answered(Result.HIT, Duration.ofMillis(i).toNanos());
        }
        history.answered(Result.MISS, Duration.ofSeconds(3).toNanos());
        sampleAfter(10);
        history.answered(Result.STALE, 500);
        sampleAfter(10);
        JsonNode series = read(360).path("series");
        assertThat(series.path("latency.hit.p50").get(0).doubleValue()).isBetween(47.0, 53.0);
        assertThat(series.path("latency.hit.p99").get(0).doubleValue()).isBetween(93.0, 105.0);
        assertThat(series.path("latency.miss.p50").get(0).doubleValue()).isBetween(2820.0, 3180.0);
        assertThat(series.path("latency.hit.p50").get(1).doubleValue()).isBetween(0.0, 0.001);
        assertThat(series.path("latency.miss.p50").get(1).isNull()).isTrue();
    }

    @Test
    void durations_of_any_length_are_counted() throws IOException {
        for (long nanos : new long[] {-1, 0, 999, 16_000, Long.MAX_VALUE}) {
            history.answered(Result.HIT, nanos);
        }
        sampleAfter(10);
        assertThat(read(360).path("series").path("latency.hit.p50").get(0).doubleValue())
                .isLessThan(0.001);
    }
}
