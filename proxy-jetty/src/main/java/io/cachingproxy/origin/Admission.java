package io.cachingproxy.origin;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Lets so many requests go to the origin at a time, and so many wait. The connections cannot do that: over HTTP/2 many
 * share one, and over HTTP/1.1 requests wait for connections that are yet to be made, however few of them there are.
 */
public final class Admission {
    private final int atATime;
    private final int waiting;
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private int under;

    public Admission(int atATime, int waiting) {
        this.atATime = atATime;
        this.waiting = waiting;
    }

    /** Whether requests wait. */
    public synchronized boolean isShort() {
        return !queue.isEmpty();
    }

    /** Runs {@code request} at once or when its turn comes; false if too many wait already. */
    boolean enter(Runnable request) {
        synchronized (this) {
            if (under == atATime) {
                return queue.size() < waiting && queue.add(request);
            }
            under++;
        }
        request.run();
        return true;
    }

    /** A request that entered is over: the next one's turn. */
    void leave() {
        Runnable next;
        synchronized (this) {
            next = queue.poll();
            if (next == null) {
                under--;
            }
        }
        if (next != null) {
            next.run();
        }
    }
}
