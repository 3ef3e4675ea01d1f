package io.cachingproxy.cli.warm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The result of warming so far. Thread-safe. */
public final class Tally {
    /** Failures and reasons that are listed; further ones are only counted. */
    static final int LISTED = 100;

    private long total;
    private final Map<String, Long> notStored = new TreeMap<>();
    private final List<Failed> failures = new ArrayList<>();
    private long requested;
    private long hits;
    private long misses;
    private long stored;
    private long failed;
    private long skipped;
    private long bytes;

    /** A URL that failed, and why. */
    public record Failed(String url, String error) {}

    /** Sets the number of URLs to request. */
    public synchronized void total(int urls) {
        total = urls;
    }

    synchronized void add(Answer answer) {
        requested++;
        bytes += answer.bytes();
        String failure = answer.failure();
        if (failure != null) {
            addFailure(answer.url().url(), failure);
        } else if (answer.hit()) {
            hits++;
        } else {
            misses++;
            if (answer.stored()) {
                stored++;
            } else {
                String reason = answer.detail();
                boolean listed = notStored.size() < LISTED || notStored.containsKey(reason);
                notStored.merge(listed ? reason : "other", 1L, Long::sum);
            }
        }
    }

    synchronized void addFailure(String url, String error) {
        failed++;
        if (failures.size() < LISTED) {
            failures.add(new Failed(url, error));
        }
    }

    synchronized void addSkipped() {
        skipped++;
    }

    /** The number of URLs to request. */
    public synchronized long total() {
        return total;
    }

    /** The number of requests that have ended. */
    public synchronized long requested() {
        return requested;
    }

    /** The number of failures: of requests, and of sitemaps and URLs that could not be read. */
    public synchronized long failed() {
        return failed;
    }

    /** The first failures. */
    public synchronized List<Failed> failures() {
        return List.copyOf(failures);
    }

    /** The result by name: {@code requested}, {@code hits}, {@code misses}, {@code stored} and so on. */
    public synchronized Map<String, Object> values(Duration time) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("requested", requested);
        values.put("hits", hits);
        values.put("misses", misses);
        values.put("stored", stored);
        values.put("not-stored", new TreeMap<>(notStored));
        values.put("failed", failed);
        values.put("skipped", skipped);
        values.put("left", total - requested);
        values.put("bytes", bytes);
        values.put("seconds", time.toMillis() / 1000.0);
        values.put(
                "failures",
                failures.stream()
                        .map(it -> Map.of("url", it.url(), "error", it.error()))
                        .toList());
        return values;
    }
}
