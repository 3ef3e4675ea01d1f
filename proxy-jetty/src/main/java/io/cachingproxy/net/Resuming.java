package io.cachingproxy.net;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.TryExecutor;

/**
 * The executor of the listener. After a response written by another thread, Jetty resumes the connection on a third
 * thread, to read the next request. If an origin response completes a client response, this executor resumes the
 * connection on the same thread: nothing there blocks, and waking another thread costs as much as all other work for a
 * miss.
 */
public final class Resuming implements TryExecutor {
    private static final ThreadLocal<Later> LATER = ThreadLocal.withInitial(Later::new);

    /** What a thread resumes after its current work. */
    private static final class Later {
        /** Whether the thread is in {@link #after}. */
        private boolean collects;

        private final Queue<Runnable> connections = new ArrayDeque<>(2);

        private void resumeAll() {
            for (Runnable next = connections.poll(); next != null; next = connections.poll()) {
                next.run();
            }
        }
    }

    private final Executor threads;
    private final TryExecutor idle;

    public Resuming(Executor threads) {
        this.threads = threads;
        this.idle = TryExecutor.asTryExecutor(threads);
    }

    /** Runs {@code work}, then resumes on this thread the connections whose responses {@code work} completed. */
    public static void after(Runnable work) {
        Later later = LATER.get();
        if (later.collects) {
            work.run();
            return;
        }
        later.collects = true;
        try {
            work.run();
        } finally {
            later.collects = false;
            later.resumeAll();
        }
    }

    @Override
    public void execute(Runnable task) {
        Later later = task instanceof Connection ? LATER.get() : null;
        if (later == null || !later.collects) {
            threads.execute(task);
        } else {
            later.connections.add(task);
        }
    }

    @Override
    public boolean tryExecute(Runnable task) {
        return idle.tryExecute(task);
    }
}
