package io.cachingproxy.cli.metrics;

import io.cachingproxy.store.RemoteStoreListener.Message;
import io.cachingproxy.store.RemoteStoreListener.Result;
import io.cachingproxy.store.redis.RedisStatus;
import io.cachingproxy.store.redis.RedisStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The connection to Redis, and the operations there since the start, as JSON. */
final class RedisStats {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MEDIAN = 0.5;
    private static final double HIGH = 0.99;

    private final RedisStore store;
    private final MeterRegistry registry;

    /** @param registry has the metrics of the store */
    RedisStats(RedisStore store, MeterRegistry registry) {
        this.store = store;
        this.registry = registry;
    }

    Map<String, Object> json() {
        RedisStatus status = store.status();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("servers", status.servers().stream().map(RedisStats::server).toList());
        json.put("breaker-opened", status.opened());
        json.put("breaker-rejected", status.rejected());
        json.put("near-trusted", status.nearTrusted());
        status.silence().ifPresent(time -> json.put("channel-silence", millis(time.toNanos())));
        json.put("pending-purges", status.pendingPurges());
        json.put("pending-invalidations", status.pendingInvalidations());
        json.put("backlog-bytes", status.backlogBytes());
        json.put("full", status.full());
        json.put("invalidation-lag", lag(Message.CHANGE));
        json.put("heartbeat-lag", lag(Message.HEARTBEAT));
        json.put("operations", operations());
        return json;
    }

    private static Map<String, Object> server(RedisStatus.Server server) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", server.name());
        json.put("breaker", server.breaker().token());
        server.reason().ifPresent(reason -> json.put("reason", reason));
        return json;
    }

    private Map<String, Object> lag(Message message) {
        return times(registry.find("redis.invalidation.lag")
                .tag("message", message.tag())
                .timers());
    }

    private List<Map<String, Object>> operations() {
        Map<String, List<Timer>> byName = new TreeMap<>();
        registry.find("db.client.operation.duration")
                .timers()
                .forEach(timer -> byName.computeIfAbsent(
                                String.valueOf(timer.getId().getTag("db.operation.name")), name -> new ArrayList<>())
                        .add(timer));
        List<Map<String, Object>> operations = new ArrayList<>();
        byName.forEach((name, timers) -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", name);
            json.putAll(times(timers));
            json.put("timeouts", count(timers, Result.TIMEOUT));
            json.put("failed", count(timers, Result.FAILED));
            operations.add(json);
        });
        return operations;
    }

    private static long count(List<Timer> timers, Result result) {
        return timers.stream()
                .filter(timer -> result.tag().equals(timer.getId().getTag("outcome")))
                .mapToLong(Timer::count)
                .sum();
    }

    /** The number of times, and percentiles of them in milliseconds if there are any. */
    private static Map<String, Object> times(Collection<Timer> timers) {
        long all = 0;
        Map<Double, Double> below = new TreeMap<>();
        for (Timer timer : timers) {
            all += timer.count();
            for (CountAtBucket bucket : timer.takeSnapshot().histogramCounts()) {
                below.merge(bucket.bucket(TimeUnit.NANOSECONDS), bucket.count(), Double::sum);
            }
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("count", all);
        if (all > 0) {
            json.put("p50", percentile(below, MEDIAN * all));
            json.put("p99", percentile(below, HIGH * all));
        }
        return json;
    }

    /**
     * The time below which so many times are, in milliseconds, interpolated in its bucket; the largest bound if it is
     * beyond.
     *
     * @param below the number of times by the upper bound of their bucket and of all before, in nanoseconds
     */
    static BigDecimal percentile(Map<Double, Double> below, double rank) {
        double from = 0;
        double before = 0;
        for (Map.Entry<Double, Double> bucket : below.entrySet()) {
            double to = bucket.getKey();
            double within = bucket.getValue();
            if (within >= rank && !Double.isInfinite(to)) {
                return millis(from + (to - from) * (rank - before) / Math.max(within - before, 1));
            }
            from = Double.isInfinite(to) ? from : to;
            before = within;
        }
        return millis(from);
    }

    private static BigDecimal millis(double nanos) {
        return BigDecimal.valueOf(nanos / NANOS_PER_MILLI).setScale(3, RoundingMode.HALF_UP);
    }
}
