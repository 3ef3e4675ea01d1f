package io.cachingproxy.cli.metrics;

import io.cachingproxy.CacheListener;
import io.cachingproxy.HttpCache;
import io.cachingproxy.cli.requests.AccessLog;
import io.cachingproxy.cli.text.Ratio;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.jetty.events.RequestListener;
import io.cachingproxy.metrics.HttpCacheMetrics;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.metrics.RedisStoreMetrics;
import io.cachingproxy.origin.balance.ServerPool;
import io.cachingproxy.store.redis.RedisStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of one instance: of the cache, the requests, the origins, the configuration and the JVM. An instance
 * without an admin listener has none, and measures nothing.
 */
public final class Metrics implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HttpCacheMetrics cacheMetrics = new HttpCacheMetrics();
    private final StoreAvailability store = new StoreAvailability();
    private final RequestMetrics requests = new RequestMetrics(registry, cacheMetrics);
    private final History history;
    private final TopUrls top;
    private final ServerChanges changes;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "history");
        thread.setDaemon(true);
        return thread;
    });
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final MultiGauge servers = MultiGauge.builder("origin.servers")
            .description("Servers of an origin by state")
            .register(registry);
    private final MultiGauge underWay = MultiGauge.builder("origin.active_requests")
            .description("Requests in flight to an origin")
            .register(registry);
    private final MultiGauge certificates = MultiGauge.builder("tls.certificate.expiry")
            .baseUnit("seconds")
            .description("When the first certificate of a listener expires, in seconds since 1970")
            .register(registry);
    private final InstantSource clock;
    private final Instant started;

    /**
     * @param clock the clock of the uptime
     * @param redaction of the URLs with the most traffic
     */
    public Metrics(InstantSource clock, Redaction redaction) {
        this.clock = clock;
        this.top = new TopUrls(redaction);
        this.started = clock.instant();
        this.history = new History(clock);
        this.changes = new ServerChanges(clock);
    }

    /** The registry, for the meters of others. */
    public MeterRegistry registry() {
        return registry;
    }

    /** The listeners of the cache. None observes hits: the proxy reports them to {@link #requestListeners()}. */
    public List<CacheListener> cacheListeners() {
        return List.of(cacheMetrics.withoutAnswers(), store);
    }

    /** The listeners of the proxy. */
    public List<RequestListener> requestListeners() {
        return List.of(requests, history, top);
    }

    /**
     * The metrics of a proxy that has these listeners.
     *
     * @param redis the store, if it is in Redis
     */
    public Exposed of(HttpCache cache, ProxyServer proxy, Optional<RedisStore> redis) {
        cacheMetrics.of(cache).bindTo(registry);
        gauge("http.server.active_requests", null, "Requests in flight", proxy::requests);
        gauge("http.server.open_connections", null, "Open connections of clients", proxy::connections);
        redis.ifPresent(it -> new RedisStoreMetrics(it).bindTo(registry));
        List.of(
                        new JvmMemoryMetrics(),
                        collections,
                        new JvmThreadMetrics(),
                        new ClassLoaderMetrics(),
                        new ProcessorMetrics(),
                        new FileDescriptorMetrics(),
                        new UptimeMetrics())
                .forEach(binder -> binder.bindTo(registry));
        return new Exposed(cache, proxy, redis.map(it -> new RedisStats(it, registry)));
    }

    /** Metrics that can be read. */
    public final class Exposed {
        private final HttpCache cache;
        private final ProxyServer proxy;
        private final Optional<RedisStats> redis;

        private Exposed(HttpCache cache, ProxyServer proxy, Optional<RedisStats> redis) {
            this.cache = cache;
            this.proxy = proxy;
            this.redis = redis;
            changes.sample(proxy.origins());
            timer.scheduleWithFixedDelay(this::sample, 1, 1, TimeUnit.SECONDS);
        }

        private void sample() {
            try {
                history.sample(Metrics.this::counters, this::gauges);
                changes.sample(proxy.origins());
            } catch (RuntimeException defect) {
                LOG.warn("The history has a gap", defect);
            }
        }

        private Map<String, Double> gauges() {
            Map<String, Double> gauges = new TreeMap<>();
            gauges.put("memory.heap", (double)
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
            gauges.put("stored.bytes", (double) cache.store().bytes());
            gauges.put("stored.entries", (double) cache.store().keys());
            gauges.put("connections", (double) proxy.connections());
            redis.ifPresent(it -> gauges.put("redis", store.isAvailable() ? 1.0 : 0.0));
            return gauges;
        }

        /** The last six hours. */
        public History history() {
            return history;
        }

        /** The last changes of the state of origin servers. */
        public ServerChanges serverChanges() {
            return changes;
        }

        /** The URLs with the most hits, misses and bytes. */
        public TopUrls top() {
            return top;
        }

        /** All metrics in the text format of Prometheus, version 0.0.4. */
        public synchronized String prometheus() {
            List<MultiGauge.Row<?>> states = new ArrayList<>();
            List<MultiGauge.Row<?>> active = new ArrayList<>();
            proxy.origins().forEach((name, pool) -> {
                counted(pool)
                        .forEach((state, count) ->
                                states.add(MultiGauge.Row.of(Tags.of("origin", name, "state", state), count)));
                active.add(MultiGauge.Row.of(Tags.of("origin", name), active(pool)));
            });
            servers.register(states, true);
            underWay.register(active, true);
            certificates.register(
                    proxy.certificateExpiry().entrySet().stream()
                            .map(it -> MultiGauge.Row.of(
                                    Tags.of("port", it.getKey().toString()),
                                    it.getValue().getEpochSecond()))
                            .toList(),
                    true);
            return registry.scrape();
        }

        /** A summary, as JSON. */
        public Map<String, Object> stats(String version) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("version", version);
            json.put("uptime", Duration.between(started, clock.instant()).toSeconds());
            Map<String, Long> gets = cacheMetrics.gets();
            json.put("requests", gets);
            Map<String, Long> bytes = requests.bytes();
            json.put("bytes", bytes);
            json.put("hit-ratio", ratios(gets, bytes));
            json.put("not-stored", cacheMetrics.notStored());
            json.put(
                    "stored",
                    Map.of(
                            "entries",
                            cache.store().keys(),
                            "bytes",
                            cache.store().bytes()));
            json.put("connections", proxy.connections());
            json.put("active-requests", proxy.requests());
            json.put("sites", SiteCounts.of(cacheMetrics.counts()));
            json.put(
                    "origins",
                    proxy.origins().entrySet().stream()
                            .map(it -> origin(it.getKey(), it.getValue()))
                            .toList());
            json.put("memory", memory());
            redis.ifPresent(it -> {
                json.put("redis", store.isAvailable() ? "available" : "unavailable");
                json.put("redis-details", it.json());
            });
            return json;
        }
    }

    private Map<String, Double> counters() {
        Map<String, Double> counters = new TreeMap<>();
        cacheMetrics.gets().forEach((result, count) -> counters.put("requests." + result, (double) count));
        requests.bytes().forEach((result, sum) -> counters.put("bytes." + result, (double) sum));
        return counters;
    }

    private static Map<String, Object> memory() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        return Map.of("heap-used", heap.getUsed(), "heap-max", heap.getMax(), "direct-used", direct);
    }

    private static Map<String, Object> ratios(Map<String, Long> gets, Map<String, Long> bytes) {
        Map<String, Object> json = new TreeMap<>();
        json.put("requests", ratio(gets));
        json.put("bytes", ratio(bytes));
        return json;
    }

    /** The share of the store in all answers but those of the cache itself; 0 without answers. */
    static BigDecimal ratio(Map<String, Long> byResult) {
        long stored = 0;
        long all = 0;
        for (Result result : Result.values()) {
            long count = byResult.getOrDefault(result.tag(), 0L);
            all += result == Result.GENERATED ? 0 : count;
            stored += result.isFromStore() ? count : 0;
        }
        return Ratio.of(stored, all);
    }

    private static Map<String, Object> origin(String name, ServerPool pool) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("servers", counted(pool));
        json.put("requests", active(pool));
        return json;
    }

    private static int active(ServerPool pool) {
        return pool.states().stream().mapToInt(ServerPool.State::underWay).sum();
    }

    private static Map<String, Integer> counted(ServerPool pool) {
        Map<String, Integer> counts = new TreeMap<>();
        for (ServerPool.Status status : ServerPool.Status.values()) {
            counts.put(status.token(), 0);
        }
        pool.states().forEach(server -> counts.merge(server.status().token(), 1, Integer::sum));
        return counts;
    }

    /** Counts the lines that an access log loses. */
    public void accessLog(AccessLog log) {
        FunctionCounter.builder("access.log.lost", log, AccessLog::lost)
                .description("Lines of the access log that were lost")
                .register(registry);
    }

    /**
     * Adds a gauge.
     *
     * @param unit null: a number without a unit
     */
    public void gauge(String name, @Nullable String unit, String description, Supplier<Number> value) {
        Gauge.builder(name, value).baseUnit(unit).description(description).register(registry);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        collections.close();
        registry.close();
    }
}
