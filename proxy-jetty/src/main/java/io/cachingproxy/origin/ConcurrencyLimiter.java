package io.cachingproxy.origin;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Concurrency limiter with a queue. The number of connections cannot serve as the limit: HTTP/2 requests share
 * connections, and HTTP/1.1 requests can wait for connections that are not established yet.
 */
public final class ConcurrencyLimiter {
    private final int most;
    private final int longestQueue;
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private int inFlight;

    /**
     * A limiter.
     *
     * @param most maximum number of concurrent requests
     * @param longestQueue maximum number of queued requests
     */
    public ConcurrencyLimiter(int most, int longestQueue) {
        this.most = most;
        this.longestQueue = longestQueue;
    }

    /** Whether the queue has requests. */
    public synchronized boolean hasQueue() {
        return !queue.isEmpty();
    }

    /** Runs {@code request} immediately or queues it; false if the queue is full. */
    boolean enter(Runnable request) {
        synchronized (this) {
            if (inFlight == most) {
                return queue.size() < longestQueue && queue.add(request);
            }
            inFlight++;
        }
        request.run();
        return true;
    }

    /** Ends a request, and runs the next queued request. */
    void leave() {
        Runnable next;
        synchronized (this) {
            next = queue.poll();
            if (next == null) {
                inFlight--;
            }
        }
        if (next != null) {
            next.run();
        }
    }
}
