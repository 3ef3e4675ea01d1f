package io.cachingproxy.cli.metrics;

import io.cachingproxy.policy.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The URLs with the largest weights, by the Space-Saving algorithm (Metwally, Agrawal and El Abbadi, 2005): a URL
 * without a counter takes over the smallest one. Every URL with more than one of {@code capacity} parts of the whole
 * weight has a counter. Not for several threads.
 */
final class HeavyHitters {
    private final int capacity;
    private final Map<String, Counter> byUrl = new HashMap<>();

    /** A binary heap with the smallest weight at the top. */
    private final List<Counter> heap = new ArrayList<>();

    HeavyHitters(int capacity) {
        this.capacity = capacity;
    }

    /** What was counted since the URL has its counter. */
    static final class Counter {
        private String url;
        private long weight;

        /** The weight that the counter had before it was taken over. */
        private long inherited;

        private int position;
        private long hits;
        private long misses;
        private long bytes;
        private int @Nullable [] reasons;

        private Counter(String url, int position) {
            this.url = url;
            this.position = position;
        }

        private void takeOver(String by) {
            url = by;
            inherited = weight;
            hits = 0;
            misses = 0;
            bytes = 0;
            reasons = null;
        }

        String url() {
            return url;
        }

        /** The weight that the URL has at least. */
        long certain() {
            return weight - inherited;
        }

        long hits() {
            return hits;
        }

        long misses() {
            return misses;
        }

        long bytes() {
            return bytes;
        }

        /** The most frequent reason; null without one. */
        @Nullable
        Reason reason() {
            int most = -1;
            int[] counts = reasons;
            for (int i = 0; counts != null && i < counts.length; i++) {
                if (counts[i] > (most < 0 ? 0 : counts[most])) {
                    most = i;
                }
            }
            return most < 0 ? null : Reason.values()[most];
        }

        void add(Request request) {
            hits += request.hits;
            misses += request.misses;
            bytes += request.bytes;
            if (request.reason != null) {
                if (reasons == null) {
                    reasons = new int[Reason.values().length];
                }
                reasons[request.reason.ordinal()]++;
            }
        }
    }

    /** Requests for a URL. */
    record Request(
            String url,
            long hits,
            long misses,
            long bytes,
            @Nullable Reason reason) {}

    /** Counts requests; without a weight only if the URL has a counter. */
    void add(Request request, long weight) {
        Counter counter = byUrl.get(request.url);
        if (counter == null) {
            if (weight == 0) {
                return;
            }
            counter = counter(request.url);
        }
        counter.weight += weight;
        counter.add(request);
        sink(counter);
    }

    private Counter counter(String url) {
        Counter counter;
        if (heap.size() < capacity) {
            counter = new Counter(url, heap.size());
            heap.add(counter);
            rise(counter);
        } else {
            counter = heap.get(0);
            byUrl.remove(counter.url);
            counter.takeOver(url);
        }
        byUrl.put(url, counter);
        return counter;
    }

    private void rise(Counter counter) {
        while (counter.position > 0) {
            Counter parent = heap.get((counter.position - 1) / 2);
            if (parent.weight <= counter.weight) {
                return;
            }
            swap(counter, parent);
        }
    }

    private void sink(Counter counter) {
        while (true) {
            int left = 2 * counter.position + 1;
            if (left >= heap.size()) {
                return;
            }
            Counter smaller = heap.get(left);
            if (left + 1 < heap.size() && heap.get(left + 1).weight < smaller.weight) {
                smaller = heap.get(left + 1);
            }
            if (smaller.weight >= counter.weight) {
                return;
            }
            swap(counter, smaller);
        }
    }

    private void swap(Counter one, Counter other) {
        int position = one.position;
        one.position = other.position;
        other.position = position;
        heap.set(one.position, one);
        heap.set(other.position, other);
    }

    /** The counters with the largest certain weights, the largest first. */
    List<Counter> largest(int most) {
        return heap.stream()
                .sorted(Comparator.comparingLong(Counter::certain).reversed().thenComparing(Counter::url))
                .limit(most)
                .toList();
    }

    /** The number of counters. */
    int size() {
        return heap.size();
    }
}
