package io.cachingproxy.cli.metrics;

import io.cachingproxy.CacheListener.OriginTime;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.RequestListener;
import io.cachingproxy.metrics.HttpCacheMetrics;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures the requests of clients and the requests to origins, with the names and buckets of OpenTelemetry's HTTP
 * conventions. Values that clients choose are not used as tags; the number of time series is limited.
 */
final class RequestMetrics implements RequestListener {
    /** Maximum number of combinations of method, status, protocol and result that have a time series of their own. */
    static final int MAX_SERIES = 1000;

    private static final String OTHER = "_OTHER";
    private static final String NONE = "none";

    private static final Duration[] BUCKETS = Stream.of(
                    5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    /** @param result null for a request that never reached the cache */
    private record Received(
            String method,
            int status,
            String version,
            @Nullable Result result) {}

    private record Sent(String origin, String method, int status) {}

    private record Meters(Timer duration, LongAdder bytes) {}

    private final MeterRegistry registry;
    private final HttpCacheMetrics answers;
    private final Map<Received, Meters> received = new ConcurrentHashMap<>();
    private final Map<Sent, Timer> sent = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> bytes = new ConcurrentHashMap<>();

    /** @param answers counts the answers of the cache by site and rule */
    RequestMetrics(MeterRegistry registry, HttpCacheMetrics answers) {
        this.registry = registry;
        this.answers = answers;
    }

    @Override
    public void onAnswered(AnsweredRequest request) {
        CacheStatus status = request.cacheStatus();
        String method = method(request.method());
        Meters meters = meters(new Received(
                method, request.status(), version(request.protocol()), status == null ? null : Result.of(status)));
        meters.duration.record(request.totalNanos(), TimeUnit.NANOSECONDS);
        meters.bytes.add(request.bytes());
        CacheRequest cached = request.cached();
        if (cached == null || status == null) {
            return;
        }
        answers.count(cached, status);
        OriginTime origin = request.origin();
        if (origin != null) {
            Duration time = origin.inAll() == null ? origin.toHead() : origin.inAll();
            timer(new Sent(origin(cached), method, status.originStatus()))
                    .record(time == null ? Duration.ofNanos(request.totalNanos()) : time);
        }
    }

    /** The bytes of content that clients have received, by result. */
    Map<String, Long> bytes() {
        Map<String, Long> sums = new TreeMap<>();
        bytes.forEach((result, sum) -> sums.put(result, sum.sum()));
        return sums;
    }

    private Meters meters(Received key) {
        Meters known = received.get(key);
        if (known != null) {
            return known;
        }
        boolean full = received.size() >= MAX_SERIES;
        return received.computeIfAbsent(full ? new Received(OTHER, 0, key.version, key.result) : key, this::registered);
    }

    private Meters registered(Received key) {
        String result = key.result == null ? NONE : key.result.tag();
        Tags tags = Tags.of(
                "http.request.method",
                key.method,
                "http.response.status_code",
                key.status == 0 ? OTHER : String.valueOf(key.status),
                "network.protocol.version",
                key.version,
                "result",
                result);
        Timer duration = Timer.builder("http.server.request.duration")
                .description("Time from the head of a request to the end of its response")
                .serviceLevelObjectives(BUCKETS)
                .tags(tags)
                .register(registry);
        return new Meters(duration, bytes.computeIfAbsent(result, this::counted));
    }

    private LongAdder counted(String result) {
        LongAdder counter = new LongAdder();
        FunctionCounter.builder("http.server.response.body", counter, LongAdder::sum)
                .description("Content of responses to clients")
                .baseUnit("bytes")
                .tag("result", result)
                .register(registry);
        return counter;
    }

    private Timer timer(Sent key) {
        Timer known = sent.get(key);
        if (known != null) {
            return known;
        }
        boolean full = sent.size() >= MAX_SERIES;
        return sent.computeIfAbsent(
                full ? new Sent(key.origin, OTHER, 0) : key,
                it -> Timer.builder("http.client.request.duration")
                        .description("Time from the request to an origin to the end of its response")
                        .serviceLevelObjectives(BUCKETS)
                        .tags(
                                "origin",
                                it.origin,
                                "http.request.method",
                                it.method,
                                "http.response.status_code",
                                it.status == 0 ? NONE : String.valueOf(it.status))
                        .register(registry));
    }

    private static String origin(CacheRequest request) {
        String name = request.originName();
        return name == null ? ProxyServer.UNNAMED : name;
    }

    private static String method(String method) {
        return switch (method) {
            case "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY" -> method;
            default -> OTHER;
        };
    }

    private static String version(String protocol) {
        return switch (protocol) {
            case "HTTP/1.1" -> "1.1";
            case "HTTP/2.0" -> "2";
            case "HTTP/1.0" -> "1.0";
            default -> OTHER;
        };
    }
}
