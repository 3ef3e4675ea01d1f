package io.cachingproxy.cli.requests;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.jetty.events.RequestListener;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The most recent requests, in bounded memory; what is shown of them has no secrets. Of hits, which can be tens of
 * thousands a second, at most 100 a second are recorded, so that they displace nothing else and cost little.
 */
public final class RecentRequests implements RequestListener {
    /** Number of requests that are kept. */
    public static final int KEPT = 2_000;

    private static final int LONGEST_PATH = 1_024;
    private static final int LONGEST_HEADERS = 2 * 1024;
    private static final long BETWEEN_HITS = TimeUnit.SECONDS.toNanos(1) / 100;

    /**
     * A request as it reached the cache. The header fields can contain credentials: they stay in this process.
     *
     * @param client the address of the client
     */
    public record Received(RequestHead head, @Nullable InetAddress client) {}

    /** @param received null if the request did not reach the cache, or has many header fields */
    private record Numbered(
            long id, RequestRecord request, @Nullable Received received) {
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
        Numbered numbered = new Numbered(
                id, RequestRecord.of(request, clock.instant(), redaction, LONGEST_PATH), received(request));
        ring.set((int) (id % KEPT), numbered);
        if (!followers.isEmpty()) {
            Map<String, Object> values = numbered.values();
            followers.forEach(it -> it.accept(values));
        }
    }

    private static @Nullable Received received(AnsweredRequest request) {
        RequestHead head = request.cached() == null ? null : request.cached().head();
        return head == null
                        || head.headers().length() > LONGEST_HEADERS
                        || head.target().pathAndQuery().length() > LONGEST_PATH
                ? null
                : new Received(head, request.client());
    }

    private boolean isTurn(long now) {
        long last = lastHit.get();
        return now - last >= BETWEEN_HITS && lastHit.compareAndSet(last, now);
    }

    /** The request with this id, unless it is too old, did not reach the cache, or has more than 2 KiB of header fields. */
    public Optional<Received> find(long id) {
        Numbered numbered = id < 0 ? null : ring.get((int) (id % KEPT));
        return numbered == null || numbered.id() != id ? Optional.empty() : Optional.ofNullable(numbered.received());
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
