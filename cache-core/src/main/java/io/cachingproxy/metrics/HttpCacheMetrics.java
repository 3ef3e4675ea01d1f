package io.cachingproxy.metrics;

import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.HttpCache;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.rules.Site;
import io.cachingproxy.rules.Treatment;
import io.cachingproxy.store.CacheStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts the events of a cache for Micrometer.
 *
 * <pre>{@code
 * HttpCacheMetrics metrics = new HttpCacheMetrics();
 * HttpCache cache = HttpCache.builder().listener(metrics).build();
 * metrics.of(cache).bindTo(registry);
 * }</pre>
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>tags</th><th>what is counted</th></tr>
 * <tr><td>{@code cache.gets}</td><td>site, rule, result</td><td>answers, by {@link Result}</td></tr>
 * <tr><td>{@code cache.not.stored}</td><td>site, rule, reason</td><td>responses that were not stored, by {@link
 * Reason#token}</td></tr>
 * <tr><td>{@code cache.puts}</td><td>site, rule</td><td>responses that were stored</td></tr>
 * <tr><td>{@code cache.evictions}</td><td></td><td>stored responses that were evicted to stay within the memory
 * bounds</td></tr>
 * <tr><td>{@code cache.size}</td><td></td><td>keys with responses in the memory of this process</td></tr>
 * <tr><td>{@code cache.bytes}</td><td></td><td>bytes of memory of these responses</td></tr>
 * </table>
 *
 * <p>{@code site} is the name of the site, {@code rule} the name of the last rule that matches the request; {@code
 * none} without one. The number of time series is bounded by the number of sites, rules and reasons. An event costs at most
 * one lookup in a hash map and the increment of a {@link LongAdder}, whether or not a registry is bound. Thread-safe.
 */
public final class HttpCacheMetrics implements CacheListener, MeterBinder {
    /** How a request was answered. */
    public enum Result {
        /** From the store, with a fresh response. */
        HIT,
        /** From the store, with a stale response. */
        STALE,
        /** From the store, after the origin has validated the response. */
        REVALIDATED,
        /** By the origin. */
        MISS,
        /** By the origin, because the request is not for the cache: its method, its headers or a rule. */
        BYPASS,
        /** With the response to another request, which the request waited for. */
        COLLAPSED,
        /** By the cache itself, without the store and the origin: a refusal, or a redirect or response of a rule. */
        GENERATED;

        private final String tag = name().toLowerCase(Locale.ROOT);

        /** Whether the content came from the store: fresh, stale or validated. */
        public boolean isFromStore() {
            return this == HIT || this == STALE || this == REVALIDATED;
        }

        /** The value of the tag {@code result}. */
        public String tag() {
            return tag;
        }

        /** The result of a request with this status. */
        public static Result of(CacheStatus status) {
            if (status.hit()) {
                return status.detail() == null ? HIT : STALE;
            }
            Reason forwarded = status.forwarded();
            if (status.collapsed()) {
                return COLLAPSED;
            }
            if (forwarded == null) {
                return GENERATED;
            }
            return switch (forwarded) {
                case STALE, RESPONSE_NO_CACHE, REQUEST_NO_CACHE, REQUEST_MAX_AGE, REQUEST_MIN_FRESH ->
                    status.originStatus() == 304 ? REVALIDATED : MISS;
                case URI_MISS, VARY_MISS, PARTIAL -> MISS;
                default -> BYPASS;
            };
        }
    }

    private static final String NONE = "none";

    /** A counter and its tags: {@code kind} is a {@link Result}, a {@link Reason}, or the meter itself. */
    private record Series(@Nullable Site site, @Nullable String rule, Enum<?> kind) {
        /** Sites by identity: equal sites have equal names, and comparing their rules takes long. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Series series
                    && site == series.site
                    && kind == series.kind
                    && (rule == null ? series.rule == null : rule.equals(series.rule));
        }

        @Override
        public int hashCode() {
            return (System.identityHashCode(site) * 31 + kind.hashCode()) * 31 + (rule == null ? 0 : rule.hashCode());
        }
    }

    /** The counter of a {@link Series} by the names of its site and rule. */
    private record Meter(String site, String rule, Enum<?> kind) {
        String name() {
            return kind instanceof Result ? "gets" : kind instanceof Reason ? "not.stored" : "puts";
        }

        Tags tags() {
            Tags tags = Tags.of("site", site, "rule", rule);
            if (kind instanceof Result result) {
                return tags.and("result", result.tag);
            }
            return kind instanceof Reason reason ? tags.and("reason", reason.token()) : tags;
        }
    }

    private enum Put {
        PUT
    }

    /** Number of counters of answers that are found without a look into the map. */
    private static final int LAST = 64;

    /** A counter of answers. */
    private record Counted(Treatment treatment, @Nullable Site site, Result result, LongAdder counter) {}

    private final String prefix;
    private final Tags common;
    private final Map<Series, LongAdder> counters = new ConcurrentHashMap<>();
    private final @Nullable Counted[] last = new Counted[LAST];
    private final LongAdder evictions = new LongAdder();

    /** Guarded by this object, as is {@link #registries}. */
    private final Map<Meter, LongAdder> meters = new LinkedHashMap<>();

    private final List<MeterRegistry> registries = new ArrayList<>();
    private volatile @Nullable CacheStore store;

    /** Metrics whose names begin with {@code cache}, without more tags. */
    public HttpCacheMetrics() {
        this("cache", List.of());
    }

    /**
     * Metrics with other names or more tags, for a registry that has other meters with these names.
     *
     * @param prefix what the names begin with, in place of {@code cache}; such as {@code http.cache}
     * @param common the tags that all meters get
     */
    public HttpCacheMetrics(String prefix, Iterable<Tag> common) {
        this.prefix = prefix;
        this.common = Tags.of(common);
    }

    /** Sets the cache whose size is measured. */
    public HttpCacheMetrics of(HttpCache cache) {
        store = cache.store();
        return this;
    }

    /**
     * The events of a cache without its answers, for a server that reports each answer by {@link #count(CacheRequest,
     * Result)}: so an answer is reported once, and hits cost less.
     */
    public CacheListener withoutAnswers() {
        return new CacheListener() {
            @Override
            public boolean observesHits() {
                return false;
            }

            @Override
            public void onStored(CacheRequest request, StoredResponse response) {
                HttpCacheMetrics.this.onStored(request, response);
            }

            @Override
            public void onNotStored(CacheRequest request, Reason why) {
                HttpCacheMetrics.this.onNotStored(request, why);
            }

            @Override
            public void onEvicted(CacheKey key, long bytes) {
                HttpCacheMetrics.this.onEvicted(key, bytes);
            }
        };
    }

    /** Counts an answer. */
    public void count(CacheRequest request, Result result) {
        Treatment treatment = request.treatment();
        int place = (System.identityHashCode(treatment) * 31 + result.ordinal()) & (LAST - 1);
        Counted known = last[place];
        if (known == null || known.treatment != treatment || known.result != result || known.site != request.site()) {
            known = new Counted(treatment, request.site(), result, counted(request, result));
            last[place] = known; // each thread may have its own: they are equal
        }
        known.counter.increment();
    }

    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        registries.add(registry);
        meters.forEach((meter, counter) -> register(registry, meter.name(), common.and(meter.tags()), counter));
        register(registry, "evictions", common, evictions);
        Gauge.builder(prefix + ".size", this, it -> it.measured(CacheStore::keys))
                .tags(common)
                .description("Keys with responses in the memory of this process")
                .register(registry);
        Gauge.builder(prefix + ".bytes", this, it -> it.measured(CacheStore::bytes))
                .tags(common)
                .baseUnit("bytes")
                .description("Memory of the responses stored in this process")
                .register(registry);
    }

    /**
     * A number of answers or of responses that were not stored.
     *
     * @param site the name of the site; {@code none} without one
     * @param rule the name of the last rule that matches the request; {@code none} without one
     * @param result of the answers; null for responses that were not stored
     * @param reason why responses were not stored, {@link Reason#token}; null for answers
     */
    public record Count(
            String site,
            String rule,
            @Nullable Result result,
            @Nullable String reason,
            long number) {}

    /** The numbers of answers, and of responses that were not stored, by site and rule. */
    public synchronized List<Count> counts() {
        List<Count> counts = new ArrayList<>();
        meters.forEach((meter, counter) -> {
            if (meter.kind() instanceof Result result) {
                counts.add(new Count(meter.site(), meter.rule(), result, null, counter.sum()));
            } else if (meter.kind() instanceof Reason reason) {
                counts.add(new Count(meter.site(), meter.rule(), null, reason.token(), counter.sum()));
            }
        });
        return counts;
    }

    /** The numbers of answers by the token of their {@link Result}, all sites and rules together. */
    public Map<String, Long> gets() {
        Map<String, Long> sums = new TreeMap<>();
        counts().stream()
                .filter(count -> count.result() != null)
                .forEach(count -> sums.merge(count.result().tag, count.number(), Long::sum));
        return sums;
    }

    /** The numbers of responses that were not stored by {@link Reason#token}, all sites and rules together. */
    public Map<String, Long> notStored() {
        Map<String, Long> sums = new TreeMap<>();
        counts().stream()
                .filter(count -> count.reason() != null)
                .forEach(count -> sums.merge(count.reason(), count.number(), Long::sum));
        return sums;
    }

    private double measured(ToLongFunction<CacheStore> measure) {
        CacheStore known = store;
        long value = known == null ? -1 : measure.applyAsLong(known);
        return value < 0 ? Double.NaN : value;
    }

    private void register(MeterRegistry registry, String name, Tags tags, LongAdder counter) {
        FunctionCounter.builder(prefix + '.' + name, counter, LongAdder::sum)
                .tags(tags)
                .description(
                        switch (name) {
                            case "gets" -> "Answers by result";
                            case "not.stored" -> "Responses that were not stored, by reason";
                            case "puts" -> "Responses that were stored";
                            default -> "Stored responses that were evicted to stay within the memory bounds";
                        })
                .register(registry);
    }

    @Override
    public void onAnswered(CacheRequest request, Answered answered) {
        count(request, Result.of(answered.status()));
    }

    @Override
    public void onStored(CacheRequest request, StoredResponse response) {
        counted(request, Put.PUT).increment();
    }

    @Override
    public void onNotStored(CacheRequest request, Reason why) {
        counted(request, why).increment();
    }

    @Override
    public void onEvicted(CacheKey key, long bytes) {
        evictions.increment();
    }

    private LongAdder counted(CacheRequest request, Enum<?> kind) {
        Series series = new Series(request.site(), request.treatment().lastRule(), kind);
        LongAdder counter = counters.get(series);
        return counter == null ? counter(series) : counter;
    }

    /** The counter of a series that is new, or was counted for a site that has been replaced by one with its name. */
    private synchronized LongAdder counter(Series series) {
        Meter meter = meter(series);
        LongAdder counter = meters.get(meter);
        if (counter == null) {
            counter = new LongAdder();
            meters.put(meter, counter);
            for (MeterRegistry registry : registries) {
                register(registry, meter.name(), common.and(meter.tags()), counter);
            }
        }
        Arrays.fill(last, null); // refers to sites that may have been replaced
        Site site = series.site();
        if (site != null) {
            counters.keySet()
                    .removeIf(other -> other.site() != site
                            && other.site() != null
                            && other.site().name().equals(site.name()));
        }
        counters.put(series, counter);
        return counter;
    }

    private static Meter meter(Series series) {
        Site site = series.site();
        String rule = series.rule();
        return new Meter(site == null ? NONE : site.name(), rule == null ? NONE : rule, series.kind());
    }
}
