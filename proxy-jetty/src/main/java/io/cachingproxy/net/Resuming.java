package io.cachingproxy.net;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.TryExecutor;
import org.jspecify.annotations.Nullable;

/**
 * The executor of the listener. Once a response is complete that another thread wrote, Jetty hands the connection to a
 * third one, to look for the next request. Where a response of the origin completes one for a client, that thread may as
 * well look: nothing it could meet blocks, and waking another one costs as much as all else that is done for a miss.
 */
public final class Resuming implements TryExecutor {
    /** The connections to go on with once the work at hand is done; null while there is no such work. */
    private static final ThreadLocal<@Nullable Queue<Runnable>> LATER = new ThreadLocal<>();

    private final Executor threads;
    private final TryExecutor idle;

    public Resuming(Executor threads) {
        this.threads = threads;
        this.idle = TryExecutor.asTryExecutor(threads);
    }

    /** Runs {@code work}, and then goes on, on this thread, with the connections whose responses it completed. */
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
