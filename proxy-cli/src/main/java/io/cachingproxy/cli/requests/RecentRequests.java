package io.cachingproxy.cli.requests;

import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.RequestListener;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The most recent requests, in bounded memory and without secrets. Of hits, which can be tens of thousands a second, at
 * most 100 a second are recorded, so that they displace nothing else and cost little.
 */
public final class RecentRequests implements RequestListener {
    /** Number of requests that are kept. */
    public static final int KEPT = 2_000;

    private static final int LONGEST_PATH = 1_024;
    private static final long BETWEEN_HITS = TimeUnit.SECONDS.toNanos(1) / 100;

    private record Numbered(long id, RequestRecord request) {
        Map<String, Object> values() {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("id", id);
            values.putAll(request.values());
            return values;
        }
    }

    private final AtomicReferenceArray<@Nullable Numbered> ring = new AtomicReferenceArray<>(KEPT);
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong lastHit = new AtomicLong(System.nanoTime() - BETWEEN_HITS);
    private final List<Consumer<Map<String, Object>>> followers = new CopyOnWriteArrayList<>();
    private final Redaction redaction;
    private final InstantSource clock;

    /** @param redaction of the URLs */
    public RecentRequests(Redaction redaction, InstantSource clock) {
        this.redaction = redaction;
        this.clock = clock;
    }

    @Override
    public void onAnswered(AnsweredRequest request) {
        boolean hit = request.cacheStatus() != null && Result.of(request.cacheStatus()) == Result.HIT;
        if (hit && !isTurn(request.endNanos())) {
            return;
        }
        long id = next.getAndIncrement();
        Numbered numbered = new Numbered(id, RequestRecord.of(request, clock.instant(), redaction, LONGEST_PATH));
        ring.set((int) (id % KEPT), numbered);
        if (!followers.isEmpty()) {
            Map<String, Object> values = numbered.values();
            followers.forEach(it -> it.accept(values));
        }
    }

    private boolean isTurn(long now) {
        long last = lastHit.get();
        return now - last >= BETWEEN_HITS && lastHit.compareAndSet(last, now);
    }

    /** The last requests, the newest first, at most {@code limit}. */
    public List<Map<String, Object>> last(int limit) {
        List<Map<String, Object>> last = new ArrayList<>();
        long newest = next.get() - 1;
        for (long id = newest; id >= 0 && id > newest - KEPT && last.size() < limit; id--) {
            Numbered numbered = ring.get((int) (id % KEPT));
            if (numbered != null && numbered.id() == id) {
                last.add(numbered.values());
            }
        }
        return last;
    }

    /** Passes each recorded request to {@code follower} from now on, on the threads that serve: it must not block. */
    public void follow(Consumer<Map<String, Object>> follower) {
        followers.add(follower);
    }

    /** Ends {@link #follow}. */
    public void unfollow(Consumer<Map<String, Object>> follower) {
        followers.remove(follower);
    }
}
