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
 * The timeouts of all requests to one origin, checked together at an eighth of the shortest timeout, at most once in 10
 * ms and at least once a second. A scheduled task for each request would cost more than the rest of its processing.
 */
final class RequestTimers {
    private static final long LONGEST_MILLIS = 1000;
    private static final long SHORTEST_MILLIS = 10;
    private static final int CHECKS = 8;

    private final Supplier<Scheduler> scheduler;
    private final OriginTimeouts timeouts;
    private final long millis;
    private final Set<RequestTimer> all = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    RequestTimers(Supplier<Scheduler> scheduler, OriginTimeouts timeouts) {
        this.scheduler = scheduler;
        this.timeouts = timeouts;
        long shortest = Stream.of(timeouts.idle(), timeouts.firstByte(), timeouts.total())
                .mapToLong(Duration::toMillis)
                .min()
                .orElse(0);
        this.millis = Math.max(SHORTEST_MILLIS, Math.min(shortest / CHECKS, LONGEST_MILLIS));
    }

    /** Starts the timeouts of a request of Jetty's client. */
    RequestTimer begin(Request request, Attempt attempt) {
        request.idleTimeout(0, TimeUnit.MILLISECONDS);
        return begin(attempt).follow(request);
    }

    /** Starts the timeouts of a request that is about to be sent, until {@link RequestTimer#end}. */
    RequestTimer begin(Attempt attempt) {
        RequestTimer timer = new RequestTimer(timeouts, all::remove).observe(attempt);
        all.add(timer);
        schedule();
        return timer;
    }

    private void schedule() {
        if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
            scheduler.get().schedule(this::check, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void check() {
        long now = System.nanoTime();
        try {
            all.forEach(timer -> timer.check(now));
        } finally {
            scheduled.set(false);
            if (!all.isEmpty()) {
                schedule();
            }
        }
    }
}
