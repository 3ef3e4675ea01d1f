package io.cachingproxy.origin;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;

/**
 * Looks after all requests that wait for the origin, together and a few times in the shortest time that it may take: a
 * timer for each, which is mostly cancelled, would cost more than all else that is done for one.
 */
final class Waits {
    private static final long LONGEST_MILLIS = 1000;
    private static final long SHORTEST_MILLIS = 10;
    private static final int LOOKS = 8;

    private final HttpClient client;
    private final OriginTimeouts timeouts;
    private final long millis;
    private final Set<Waiting> all = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();

    Waits(HttpClient client, OriginTimeouts timeouts) {
        this.client = client;
        this.timeouts = timeouts;
        long shortest = Stream.of(timeouts.idle(), timeouts.firstByte(), timeouts.total())
                .mapToLong(Duration::toMillis)
                .min()
                .orElse(0);
        this.millis = Math.max(SHORTEST_MILLIS, Math.min(shortest / LOOKS, LONGEST_MILLIS));
    }

    /** Looks after a request that is about to be sent, until {@link Waiting#over}. */
    Waiting begin(Request request) {
        request.idleTimeout(0, TimeUnit.MILLISECONDS);
        Waiting waiting = new Waiting(request, timeouts, all::remove);
        all.add(waiting);
        lookLater();
        return waiting;
    }

    private void lookLater() {
        if (!looking.get() && looking.compareAndSet(false, true)) {
            client.getScheduler().schedule(this::look, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        long now = System.nanoTime();
        try {
            all.forEach(waiting -> waiting.check(now));
        } finally {
            looking.set(false);
            if (!all.isEmpty()) {
                lookLater();
            }
        }
    }
}
