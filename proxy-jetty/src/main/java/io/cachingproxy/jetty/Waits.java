package io.cachingproxy.jetty;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
        Duration shortest =
                timeouts.idle().compareTo(timeouts.firstByte()) < 0 ? timeouts.idle() : timeouts.firstByte();
        this.millis = Math.max(SHORTEST_MILLIS, Math.min(shortest.toMillis() / LOOKS, LONGEST_MILLIS));
    }

    /** Looks after a request that is about to be sent, until it is over. */
    Waiting begin(Request request) {
        request.idleTimeout(0, TimeUnit.MILLISECONDS);
        Waiting waiting = new Waiting(request);
        all.add(waiting);
        request.onComplete(result -> all.remove(waiting));
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
        for (Waiting waiting : all) {
            waiting.check(now, timeouts.firstByte(), timeouts.idle());
        }
        looking.set(false);
        if (!all.isEmpty()) {
            lookLater();
        }
    }
}
