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
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Unit;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
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
    private static final double NANOS = 1e9;

    /** The bounds of OpenTelemetry, and smaller ones for hits, in seconds. */
    private static final double[] BOUNDS = {
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5,
        10
    };

    /** @param result null for a request that never reached the cache */
    private record Received(
            String method,
            int status,
            String version,
            @Nullable Result result) {}

    private record Sent(String origin, String method, int status) {}

    private record Meters(DistributionDataPoint duration, LongAdder bytes) {}

    private final MeterRegistry registry;
    private final HttpCacheMetrics answers;
    private final Histogram received;
    private final Histogram sent;
    private final Map<Received, Meters> fromClients = new ConcurrentHashMap<>();

    /** The meters of GET, 200 and HTTP/1.1, by result: a shorter way than the map. */
    private final @Nullable Meters[] usual = new Meters[Result.values().length];

    private final Map<Sent, DistributionDataPoint> toOrigins = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> bytes = new ConcurrentHashMap<>();

    /** @param answers counts the answers of the cache by site and rule */
    RequestMetrics(PrometheusMeterRegistry registry, HttpCacheMetrics answers) {
        this.registry = registry;
        this.answers = answers;
        this.received = histogram(
                registry,
                "http_server_request_duration_seconds",
                "Time from the head of a request to the end of its response",
                "http_request_method",
                "http_response_status_code",
                "network_protocol_version",
                "result");
        this.sent = histogram(
                registry,
                "http_client_request_duration_seconds",
                "Time from the request to an origin to the end of its response",
                "origin",
                "http_request_method",
                "http_response_status_code");
    }

    /** A histogram of the client of Prometheus: a fifth of the time of a timer of Micrometer. */
    private static Histogram histogram(PrometheusMeterRegistry registry, String name, String help, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .unit(Unit.SECONDS)
                .labelNames(labels)
                .classicOnly()
                .classicUpperBounds(BOUNDS)
                .withoutExemplars()
                .register(registry.getPrometheusRegistry());
    }

    @Override
    public void onAnswered(AnsweredRequest request) {
        CacheStatus status = request.cacheStatus();
        String method = method(request.method());
        Result result = status == null ? null : Result.of(status);
        Meters meters = meters(method, request, result);
        meters.duration.observe(request.totalNanos() / NANOS);
        meters.bytes.add(request.bytes());
        CacheRequest cached = request.cached();
        if (cached == null || status == null || result == null) {
            return;
        }
        answers.count(cached, result);
        OriginTime origin = request.origin();
        if (origin != null) {
            Duration time = origin.inAll() == null ? origin.toHead() : origin.inAll();
            toOrigin(new Sent(origin(cached), method, status.originStatus()))
                    .observe((time == null ? request.totalNanos() : time.toNanos()) / NANOS);
        }
    }

    /** The bytes of content that clients have received, by result. */
    Map<String, Long> bytes() {
        Map<String, Long> sums = new TreeMap<>();
        bytes.forEach((result, sum) -> sums.put(result, sum.sum()));
        return sums;
    }

    private Meters meters(String method, AnsweredRequest request, @Nullable Result result) {
        int place = result != null
                        && request.status() == 200
                        && method.equals("GET")
                        && request.protocol().equals("HTTP/1.1")
                ? result.ordinal()
                : -1;
        Meters known = place < 0 ? null : usual[place];
        if (known != null) {
            return known;
        }
        Meters meters = meters(new Received(method, request.status(), version(request.protocol()), result));
        if (place >= 0) {
            usual[place] = meters; // the same for every thread
        }
        return meters;
    }

    private Meters meters(Received key) {
        Meters known = fromClients.get(key);
        if (known != null) {
            return known;
        }
        boolean full = fromClients.size() >= MAX_SERIES;
        return fromClients.computeIfAbsent(
                full ? new Received(OTHER, 0, key.version, key.result) : key, this::registered);
    }

    private Meters registered(Received key) {
        String result = key.result == null ? NONE : key.result.tag();
        DistributionDataPoint duration = received.labelValues(
                key.method, key.status == 0 ? OTHER : String.valueOf(key.status), key.version, result);
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

    private DistributionDataPoint toOrigin(Sent key) {
        DistributionDataPoint known = toOrigins.get(key);
        if (known != null) {
            return known;
        }
        boolean full = toOrigins.size() >= MAX_SERIES;
        return toOrigins.computeIfAbsent(
                full ? new Sent(key.origin, OTHER, 0) : key,
                it -> sent.labelValues(it.origin, it.method, it.status == 0 ? NONE : String.valueOf(it.status)));
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
