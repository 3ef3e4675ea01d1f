package io.cachingproxy.origin;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Looks after all requests that wait for the origin, together and a few times in the shortest time that it may take: a
 * timer for each, which is mostly cancelled, would cost more than all else that is done for one.
 */
final class Waits {
    private static final long LONGEST_MILLIS = 1000;
    private static final long SHORTEST_MILLIS = 10;
    private static final int LOOKS = 8;

    private final Supplier<Scheduler> scheduler;
    private final OriginTimeouts timeouts;
    private final long millis;
    private final Set<Waiting> all = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();

    Waits(Supplier<Scheduler> scheduler, OriginTimeouts timeouts) {
        this.scheduler = scheduler;
        this.timeouts = timeouts;
        long shortest = Stream.of(timeouts.idle(), timeouts.firstByte(), timeouts.total())
                .mapToLong(Duration::toMillis)
                .min()
                .orElse(0);
        this.millis = Math.max(SHORTEST_MILLIS, Math.min(shortest / LOOKS, LONGEST_MILLIS));
    }

    /** Looks after a request of Jetty's client. */
    Waiting begin(Request request) {
        request.idleTimeout(0, TimeUnit.MILLISECONDS);
        return begin().follow(request);
    }

    /** Looks after a request that is about to be sent, until {@link Waiting#over}. */
    Waiting begin() {
        Waiting waiting = new Waiting(timeouts, all::remove);
        all.add(waiting);
        lookLater();
        return waiting;
    }

    private void lookLater() {
        if (!looking.get() && looking.compareAndSet(false, true)) {
            scheduler.get().schedule(this::look, millis, TimeUnit.MILLISECONDS);
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
