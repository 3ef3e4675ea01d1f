package io.cachingproxy.jetty;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;

/** Runs a task once a second while it is started, on the thread of a scheduler. */
final class Periodic extends AbstractLifeCycle {
    static final long MILLIS = 1000;

    private final Scheduler scheduler;
    private final Runnable task;

    Periodic(Scheduler scheduler, Runnable task) {
        this.scheduler = scheduler;
        this.task = task;
    }

    @Override
    protected void doStart() {
        next();
    }

    private void next() {
        scheduler.schedule(this::run, MILLIS, TimeUnit.MILLISECONDS);
    }

    private void run() {
        if (isStarting() || isRunning()) {
            task.run();
            next();
        }
    }
}
