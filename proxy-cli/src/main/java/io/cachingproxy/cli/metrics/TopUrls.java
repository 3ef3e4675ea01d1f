package io.cachingproxy.cli.metrics;

import io.cachingproxy.CacheStatus;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.jetty.events.RequestListener;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.policy.Reason;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The URLs with the most hits, misses and bytes since the start, as clients request them, without secrets. Answers of the cache itself
 * are not counted.
 *
 * <p>Of answers from the store a random one in {@value #SAMPLING} is counted, with that weight, so that their cost is a
 * random number. The memory is bounded: {@value #COUNTERS} counters an order, and {@value #MAX_URL} characters a URL.
 */
public final class TopUrls implements RequestListener {
    /** The orders of the URLs. */
    public enum By {
        HITS,
        MISSES,
        BYTES
    }

    private static final int COUNTERS = 1_000;
    private static final int SAMPLING = 16;
    private static final int MAX_URL = 1_024;

    private final Redaction redaction;
    private final BooleanSupplier sampled;
    private final Map<By, HeavyHitters> orders = new EnumMap<>(By.class);

    /** @param redaction of the URLs: they are counted without their secrets */
    public TopUrls(Redaction redaction) {
        this(redaction, () -> (ThreadLocalRandom.current().nextInt() & (SAMPLING - 1)) == 0);
    }

    TopUrls(Redaction redaction, BooleanSupplier sampled) {
        this.redaction = redaction;
        this.sampled = sampled;
        for (By by : By.values()) {
            orders.put(by, new HeavyHitters(COUNTERS));
        }
    }

    @Override
    public void onAnswered(AnsweredRequest request) {
        CacheStatus status = request.cacheStatus();
        if (status == null) {
            return;
        }
        switch (Result.of(status)) {
            case HIT, STALE, REVALIDATED -> {
                if (sampled.getAsBoolean()) {
                    hit(request.target().url(), request.bytes());
                }
            }
            case MISS, BYPASS, COLLAPSED ->
                miss(
                        request.target().url(),
                        request.bytes(),
                        status.detail() == null ? status.forwarded() : status.detail());
            case GENERATED -> {
                // no URL of an origin
            }
        }
    }

    /** Counts a hit that stands for several. */
    void hit(String url, long bytes) {
        add(new HeavyHitters.Request(shown(url), SAMPLING, 0, bytes * SAMPLING, null));
    }

    void miss(String url, long bytes, @Nullable Reason reason) {
        add(new HeavyHitters.Request(shown(url), 0, 1, bytes, reason));
    }

    private synchronized void add(HeavyHitters.Request request) {
        orders.forEach((by, urls) -> urls.add(
                request,
                switch (by) {
                    case HITS -> request.hits();
                    case MISSES -> request.misses();
                    case BYTES -> request.bytes();
                }));
    }

    private String shown(String url) {
        return url.length() > MAX_URL ? redaction.redacted(url.substring(0, MAX_URL)) + "…" : redaction.redacted(url);
    }

    /** The first URLs in an order, as JSON. */
    public Map<String, Object> json(By by, int limit) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("by", by.name().toLowerCase(Locale.ROOT));
        json.put("counted", "misses: all; hits: a random one in " + SAMPLING + ", with that weight");
        json.put("urls", urls(by, limit));
        return json;
    }

    private synchronized List<Map<String, Object>> urls(By by, int limit) {
        HeavyHitters order = orders.get(by);
        return order == null
                ? List.of()
                : order.largest(limit).stream().map(TopUrls::row).toList();
    }

    private static Map<String, Object> row(HeavyHitters.Counter counter) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("url", counter.url());
        row.put("hits", counter.hits());
        row.put("misses", counter.misses());
        row.put("bytes", counter.bytes());
        Reason reason = counter.reason();
        if (reason != null) {
            row.put("reason", reason.token());
        }
        return row;
    }

    /** The number of counters in all orders. */
    synchronized int size() {
        return orders.values().stream().mapToInt(HeavyHitters::size).sum();
    }
}
