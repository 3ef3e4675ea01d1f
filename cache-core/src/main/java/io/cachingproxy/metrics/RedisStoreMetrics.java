package io.cachingproxy.metrics;

import io.cachingproxy.store.RemoteStoreListener;
import io.cachingproxy.store.redis.RedisStatus;
import io.cachingproxy.store.redis.RedisStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * Measures the operations of a {@link RedisStore} for Micrometer, and the state of its connection to Redis.
 *
 * <pre>{@code
 * new RedisStoreMetrics(store).bindTo(registry);
 * }</pre>
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>tags</th><th>what is measured</th></tr>
 * <tr><td>{@code db.client.operation.duration}</td><td>db.system.name, db.operation.name, outcome</td><td>time of each
 * operation in Redis, with the name and the buckets of OpenTelemetry's convention for databases, and some shorter
 * buckets; {@code outcome} is {@code ok}, {@code timeout} or {@code failed}</td></tr>
 * <tr><td>{@code redis.available}</td><td></td><td>1 if Redis answers in time, else 0</td></tr>
 * <tr><td>{@code redis.breakers}</td><td>state</td><td>servers by the state of their circuit breaker: {@code closed},
 * {@code open}, {@code half-open}; a cluster has one for each master that is used</td></tr>
 * <tr><td>{@code redis.breaker.opened}</td><td></td><td>how often a circuit breaker has opened</td></tr>
 * <tr><td>{@code redis.breaker.rejected}</td><td></td><td>operations that were not sent to Redis, because a circuit
 * breaker was open or the last answers were late</td></tr>
 * <tr><td>{@code redis.invalidation.lag}</td><td>message</td><td>time from the stamp that Redis assigned to a change by
 * another node ({@code change}) or to a heartbeat ({@code heartbeat}) until it has taken effect here. Both ends are
 * measured by the clock of Redis, which the store estimates from the answers of Redis: the error is half a round trip
 * </td></tr>
 * <tr><td>{@code redis.channel.silence}</td><td></td><td>seconds since the last message from Redis; normally at most
 * 0.4. NaN while the channel is interrupted</td></tr>
 * <tr><td>{@code redis.near.trusted}</td><td></td><td>1 if near copies are served without asking Redis, else 0</td></tr>
 * <tr><td>{@code redis.pending}</td><td>kind</td><td>changes by this node that Redis has not acknowledged: {@code purge},
 * {@code invalidation}</td></tr>
 * <tr><td>{@code redis.backlog}</td><td></td><td>bytes that wait to be written to Redis</td></tr>
 * <tr><td>{@code redis.full}</td><td></td><td>1 if Redis refuses new responses because its memory is full, else
 * 0</td></tr>
 * </table>
 *
 * <p>A lookup that is answered from near copies is not measured and costs nothing. Operations before a registry is bound
 * are not measured. Thread-safe.
 */
public final class RedisStoreMetrics implements MeterBinder {
    /** The bounds of OpenTelemetry's {@code db.client.operation.duration}, and others between them, in seconds. */
    private static final double[] BOUNDS = {
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
    };

    private static final double NANOS = 1e9;

    private static final Duration[] BUCKETS = DoubleStream.of(BOUNDS)
            .mapToObj(bound -> Duration.ofNanos(Math.round(bound * NANOS)))
            .toArray(Duration[]::new);

    private record Series(String operation, RemoteStoreListener.Result result) {}

    private final RedisStore store;
    private final Tags common;
    private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

    /** The timers of each series, one for each registry. */
    private final Map<Series, List<Timer>> operations = new ConcurrentHashMap<>();

    private final Map<RemoteStoreListener.Message, List<Timer>> messages = new ConcurrentHashMap<>();

    /** Metrics of a store, without more tags. */
    public RedisStoreMetrics(RedisStore store) {
        this(store, List.of());
    }

    /**
     * Metrics of one of several stores.
     *
     * @param common the tags that all meters get
     */
    public RedisStoreMetrics(RedisStore store, Iterable<Tag> common) {
        this.store = store;
        this.common = Tags.of(common);
        store.measure(new RemoteStoreListener() {
            @Override
            public void onOperation(String operation, Result result, Duration time) {
                record(operations.computeIfAbsent(new Series(operation, result), it -> timers(it)), time);
            }

            @Override
            public void onMessage(Message message, Duration lag) {
                record(messages.computeIfAbsent(message, it -> timers(it)), lag);
            }
        });
    }

    private static void record(List<Timer> timers, Duration time) {
        for (Timer timer : timers) {
            timer.record(time);
        }
    }

    private List<Timer> timers(Series series) {
        return registries.stream()
                .map(registry -> Timer.builder("db.client.operation.duration")
                        .description("Time of operations in Redis")
                        .tags(common.and(
                                "db.system.name",
                                "redis",
                                "db.operation.name",
                                series.operation,
                                "outcome",
                                series.result.tag()))
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry))
                .toList();
    }

    private List<Timer> timers(RemoteStoreListener.Message message) {
        return registries.stream()
                .map(registry -> Timer.builder("redis.invalidation.lag")
                        .description("Time until a change in Redis has taken effect here, by the clock of Redis")
                        .tags(common.and("message", message.tag()))
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry))
                .toList();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        registries.add(registry);
        operations.clear(); // they are looked up again, in all registries
        messages.clear();
        for (RemoteStoreListener.Message message : RemoteStoreListener.Message.values()) {
            timers(message);
        }
        for (RedisStatus.Breaker state : RedisStatus.Breaker.values()) {
            Gauge.builder("redis.breakers", store, it -> it.status().count(state))
                    .description("Servers by the state of their circuit breaker")
                    .tags(common.and("state", state.token()))
                    .register(registry);
        }
        gauge(registry, "available", "1 if Redis is available, 0 during an outage", it -> it.isReachable() ? 1 : 0);
        gauge(
                registry,
                "near.trusted",
                "1 if near copies are served without asking Redis, else 0",
                it -> it.isNearTrusted() ? 1 : 0);
        gauge(
                registry,
                "full",
                "1 if Redis refuses new responses because its memory is full, else 0",
                it -> it.status().full() ? 1 : 0);
        pending(registry, "purge", RedisStatus::pendingPurges);
        pending(registry, "invalidation", RedisStatus::pendingInvalidations);
        Gauge.builder("redis.channel.silence", store, RedisStoreMetrics::silence)
                .description("Time since the last message from Redis")
                .baseUnit("seconds")
                .tags(common)
                .register(registry);
        Gauge.builder("redis.backlog", store, it -> it.status().backlogBytes())
                .description("Bytes that wait to be written to Redis")
                .baseUnit("bytes")
                .tags(common)
                .register(registry);
        counter(registry, "opened", "How often a circuit breaker has opened", RedisStatus::opened);
        counter(
                registry,
                "rejected",
                "Operations that were not sent, because a circuit breaker was open or the last answers were late",
                RedisStatus::rejected);
    }

    private static double silence(RedisStore store) {
        return store.status().silence().map(time -> time.toNanos() / NANOS).orElse(Double.NaN);
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<RedisStore> value) {
        Gauge.builder("redis." + name, store, value)
                .description(description)
                .tags(common)
                .register(registry);
    }

    private void pending(MeterRegistry registry, String kind, ToDoubleFunction<RedisStatus> value) {
        Gauge.builder("redis.pending", store, it -> value.applyAsDouble(it.status()))
                .description("Changes by this node that Redis has not acknowledged")
                .tags(common.and("kind", kind))
                .register(registry);
    }

    private void counter(MeterRegistry registry, String name, String description, ToDoubleFunction<RedisStatus> value) {
        FunctionCounter.builder("redis.breaker." + name, store, it -> value.applyAsDouble(it.status()))
                .description(description)
                .tags(common)
                .register(registry);
    }
}
