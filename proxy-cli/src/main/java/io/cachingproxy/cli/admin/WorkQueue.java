package io.cachingproxy.cli.admin;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/** Runs work on some of the threads of the listener, in order, so that other threads answer further requests. */
final class WorkQueue {
    private static final int THREADS = 3;

    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final Semaphore free = new Semaphore(THREADS);

    /** Runs {@code work} on a thread of {@code threads} as soon as fewer than {@link #THREADS} work. */
    void run(Runnable work, Executor threads) {
        waiting.add(work);
        next(threads);
    }

    private void next(Executor threads) {
        while (!waiting.isEmpty() && free.tryAcquire()) {
            Runnable work = waiting.poll();
            if (work == null) { // lost a race
                free.release();
            } else {
                threads.execute(() -> finish(work, threads));
            }
        }
    }

    private void finish(Runnable work, Executor threads) {
        try {
            work.run();
        } finally {
            free.release();
            next(threads);
        }
    }
}
