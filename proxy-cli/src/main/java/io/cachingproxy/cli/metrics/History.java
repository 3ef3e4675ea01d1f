package io.cachingproxy.cli.metrics;

import io.cachingproxy.CacheStatus;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.RequestListener;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The last six hours in steps of ten seconds: counts and latencies of requests, and gauges at the end of each step.
 *
 * <p>The memory is bounded: 2,160 numbers of single precision for each of 24 series, 207 kB in all.
 */
public final class History implements RequestListener {
    /** The length of a step in seconds. */
    public static final int STEP = 10;

    /** The number of minutes that are kept. */
    public static final int MINUTES = 360;

    private static final int POINTS = MINUTES * 60 / STEP;

    private final InstantSource clock;
    private final LatencyHistogram hits = new LatencyHistogram();
    private final LatencyHistogram misses = new LatencyHistogram();
    private final Map<String, float[]> series = new LinkedHashMap<>();
    private final List<String> counted;
    private final Map<String, Double> before = new LinkedHashMap<>();

    /** The newest step, counted from 1970; of no meaning while the length is 0. */
    private long newest;

    private int length;

    /** @param clock the clock of the steps */
    public History(InstantSource clock) {
        this.clock = clock;
        this.counted = Arrays.stream(Result.values())
                .flatMap(result -> Stream.of("requests." + result.tag(), "bytes." + result.tag()))
                .toList();
        Stream<String> others = Stream.of(
                "latency.hit.p50",
                "latency.hit.p99",
                "latency.miss.p50",
                "latency.miss.p99",
                "memory.heap",
                "stored.bytes",
                "stored.entries",
                "connections",
                "redis");
        Stream.concat(counted.stream(), others).sorted().forEach(name -> series.put(name, new float[POINTS]));
    }

    /** Measures the time of hits and misses. */
    @Override
    public void onAnswered(AnsweredRequest request) {
        CacheStatus status = request.cacheStatus();
        if (status != null) {
            answered(Result.of(status), request.totalNanos());
        }
    }

    void answered(Result result, long nanos) {
        if (result == Result.HIT || result == Result.STALE) {
            hits.record(nanos);
        } else if (result == Result.MISS) {
            misses.record(nanos);
        }
    }

    /**
     * Adds the step that has ended, if it is not there yet. A clock that was set back begins a new history.
     *
     * @param counters numbers that only grow, by series
     * @param gauges other numbers, by series
     */
    synchronized void sample(Supplier<Map<String, Double>> counters, Supplier<Map<String, Double>> gauges) {
        long ended = Math.floorDiv(clock.instant().getEpochSecond(), STEP) - 1;
        if (length > 0 && ended == newest) {
            return;
        }
        if (length > 0 && (ended < newest || ended - newest >= POINTS)) {
            length = 0;
        }
        long from = length == 0 ? ended : newest + 1;
        for (long step = from; step <= ended; step++) {
            int at = index(step);
            series.values().forEach(values -> values[at] = Float.NaN);
        }
        length = (int) Math.min(POINTS, length + ended - from + 1);
        newest = ended;
        int at = index(ended);
        counted.forEach(name -> put(name, at, 0));
        counters.get().forEach((name, now) -> {
            Double earlier = before.put(name, now);
            put(name, at, Math.max(0, now - (earlier == null ? 0 : earlier)));
        });
        gauges.get().forEach((name, now) -> put(name, at, now));
        latency("latency.hit", at, hits.take());
        latency("latency.miss", at, misses.take());
    }

    private void latency(String name, int at, LatencyHistogram.Recorded recorded) {
        put(name + ".p50", at, recorded.percentile(0.5));
        put(name + ".p99", at, recorded.percentile(0.99));
    }

    private void put(String name, int at, double value) {
        float[] values = series.get(name);
        if (values != null) {
            values[at] = (float) value;
        }
    }

    private static int index(long step) {
        return (int) Math.floorMod(step, (long) POINTS);
    }

    /**
     * The last minutes as JSON: {@code step} in seconds, {@code from}, the time of the first point, and {@code series}
     * of numbers or null.
     */
    public synchronized String json(int minutes) {
        int points = Math.min(length, minutes * 60 / STEP);
        Instant from = length == 0 ? clock.instant() : Instant.ofEpochSecond((newest - points + 1) * STEP);
        StringBuilder json = new StringBuilder(256 + series.size() * points * 6)
                .append("{\"step\":")
                .append(STEP)
                .append(",\"from\":\"")
                .append(from)
                .append("\",\"series\":{");
        String separator = "\"";
        for (Map.Entry<String, float[]> entry : series.entrySet()) {
            json.append(separator).append(entry.getKey()).append("\":[");
            for (int i = points - 1; i >= 0; i--) {
                append(json, entry.getValue()[index(newest - i)]);
                json.append(i > 0 ? "," : "");
            }
            json.append(']');
            separator = ",\"";
        }
        return json.append("}}").toString();
    }

    private static void append(StringBuilder json, float value) {
        if (Float.isNaN(value)) {
            json.append("null");
        } else if (value == (long) value) {
            json.append((long) value);
        } else {
            json.append(value);
        }
    }
}
