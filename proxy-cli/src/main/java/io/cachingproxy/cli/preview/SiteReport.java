package io.cachingproxy.cli.preview;

import io.cachingproxy.cli.text.Ratio;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.rules.Site;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What the cache would have done for the requests of one shadow site. Thread-safe. */
final class SiteReport {
    /** Maximum number of wrong responses that are kept. */
    static final int MOST_WRONG = 50;

    private static final List<Result> RESULTS =
            List.of(Result.HIT, Result.STALE, Result.REVALIDATED, Result.MISS, Result.BYPASS, Result.GENERATED);

    private static final Set<String> SUMMARY = Set.of("name", "requests", "hit-ratio", "right", "wrong");

    private final String site;
    private final Instant since;
    private final Map<Result, Count> results = new EnumMap<>(Result.class);
    private final LongAdder bytes = new LongAdder();
    private final Count saved;
    private final LongAdder right = new LongAdder();
    private final Count wrong;
    private final LongAdder notCompared = new LongAdder();
    private final LongAdder incomplete = new LongAdder();
    private final Deque<Wrong> lastWrong = new ArrayDeque<>();

    /** A number of this report, and the counter of the metrics, which continues after a reload. */
    private record Count(LongAdder own, Counter counter) {
        Count(Counter counter) {
            this(new LongAdder(), counter);
        }

        void add(long amount) {
            own.add(amount);
            counter.increment(amount);
        }
    }

    /** The comparison of the response that the cache would have sent with that of the origin. */
    enum Comparison {
        RIGHT,
        WRONG,
        NOT_COMPARED
    }

    /**
     * A response of the cache that would have been wrong.
     *
     * @param url without secrets
     * @param age of the stored response
     * @param status of the response that the origin has sent
     * @param storedStatus of the response that the cache would have sent
     * @param differing the names of the fields that differ from the request that stored the response
     */
    record Wrong(
            Instant time,
            String method,
            String url,
            Result result,
            Duration age,
            int status,
            int storedStatus,
            List<String> differing,
            String hint) {
        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("time", time.toString());
            json.put("method", method);
            json.put("url", url);
            json.put("result", result.tag());
            json.put("age", age.toSeconds());
            json.put("status", status);
            json.put("stored-status", storedStatus);
            json.put("differing", differing);
            json.put("hint", hint);
            return json;
        }
    }

    SiteReport(Site site, Instant since, MeterRegistry registry) {
        this.site = site.name();
        this.since = since;
        for (Result result : RESULTS) {
            results.put(
                    result,
                    new Count(Counter.builder("cache.shadow.gets")
                            .description("Requests of shadow sites by what the result would have been")
                            .tag("site", this.site)
                            .tag("result", result.tag())
                            .register(registry)));
        }
        this.saved = new Count(Counter.builder("cache.shadow.bytes.saved")
                .description("Bytes of bodies of shadow sites that would have come from the cache")
                .tag("site", this.site)
                .register(registry));
        this.wrong = new Count(Counter.builder("cache.shadow.wrong")
                .description("Responses of shadow sites that would have differed from those of the origin")
                .tag("site", this.site)
                .register(registry));
    }

    /** Counts a response of the origin that did not end: it is not evaluated. */
    void onIncomplete() {
        incomplete.increment();
    }

    /**
     * Counts an evaluated request.
     *
     * @param length of the content that the origin has sent, in bytes
     */
    void on(Result result, Comparison comparison, long length) {
        Count count = results.get(result);
        if (count != null) {
            count.add(1);
        }
        bytes.add(length);
        if (result.isFromStore()) {
            saved.add(length);
        }
        switch (comparison) {
            case RIGHT -> right.increment();
            case WRONG -> wrong.add(1);
            case NOT_COMPARED -> notCompared.increment();
        }
    }

    /** Keeps a wrong response, in place of the oldest one if there are many. */
    void keep(Wrong response) {
        synchronized (lastWrong) {
            lastWrong.addFirst(response);
            if (lastWrong.size() > MOST_WRONG) {
                lastWrong.removeLast();
            }
        }
    }

    /** The counts that a summary of the instance shows. */
    Map<String, Object> summary() {
        Map<String, Object> summary = json();
        summary.keySet().retainAll(SUMMARY);
        return summary;
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", site);
        json.put("since", since.toString());
        Map<String, Long> requests = new LinkedHashMap<>();
        long all = 0;
        long fromStore = 0;
        for (Result result : RESULTS) {
            long count = sum(results.get(result));
            requests.put(result.tag(), count);
            all += result == Result.GENERATED ? 0 : count;
            fromStore += result.isFromStore() ? count : 0;
        }
        json.put("requests", requests);
        json.put("hit-ratio", Map.of("requests", Ratio.of(fromStore, all), "bytes", Ratio.of(sum(saved), bytes.sum())));
        json.put("bytes", bytes.sum());
        json.put("bytes-saved", sum(saved));
        json.put("right", right.sum());
        json.put("wrong", sum(wrong));
        json.put("not-compared", notCompared.sum());
        json.put("incomplete", incomplete.sum());
        List<Map<String, Object>> shown = new ArrayList<>();
        synchronized (lastWrong) {
            lastWrong.forEach(each -> shown.add(each.json()));
        }
        json.put("wrong-responses", shown);
        return json;
    }

    private static long sum(@Nullable Count count) {
        return count == null ? 0 : count.own().sum();
    }
}
