package io.cachingproxy.net;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.TryExecutor;
import org.jspecify.annotations.Nullable;

/**
 * The executor of the listener. After a response written by another thread, Jetty resumes the connection on a third
 * thread, to read the next request. If an origin response completes a client response, this executor resumes the
 * connection on the same thread: nothing there blocks, and waking another thread costs as much as all other work for a
 * miss.
 */
public final class Resuming implements TryExecutor {
    /** The connections to resume after the current work; null outside of {@link #after}. */
    private static final ThreadLocal<@Nullable Queue<Runnable>> LATER = new ThreadLocal<>();

    private final Executor threads;
    private final TryExecutor idle;

    public Resuming(Executor threads) {
        this.threads = threads;
        this.idle = TryExecutor.asTryExecutor(threads);
    }

    /** Runs {@code work}, then resumes on this thread the connections whose responses {@code work} completed. */
    public static void after(Runnable work) {
        if (LATER.get() != null) {
            work.run();
            return;
        }
        Queue<Runnable> later = new ArrayDeque<>(2);
        LATER.set(later);
        try {
            work.run();
        } finally {
            LATER.remove();
            later.forEach(Runnable::run);
        }
    }

    @Override
    public void execute(Runnable task) {
        Queue<Runnable> later = task instanceof Connection ? LATER.get() : null;
        if (later == null) {
            threads.execute(task);
        } else {
            later.add(task);
        }
    }

    @Override
    public boolean tryExecute(Runnable task) {
        return idle.tryExecute(task);
    }
}
