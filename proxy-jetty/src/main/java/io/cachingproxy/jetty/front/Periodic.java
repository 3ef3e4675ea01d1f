package io.cachingproxy.jetty.front;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a task at an interval, by default once a second, between start and stop, on a scheduler thread. Logs the first
 * failure of the task, and continues.
 */
public final class Periodic extends AbstractLifeCycle {
    static final long MILLIS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(Periodic.class);

    private final Scheduler scheduler;
    private final long intervalMillis;
    private final Runnable task;
    private boolean failed;

    /** Once a second. */
    public Periodic(Scheduler scheduler, Runnable task) {
        this(scheduler, Duration.ofMillis(MILLIS), task);
    }

    /** @param interval the pause between two runs */
    public Periodic(Scheduler scheduler, Duration interval, Runnable task) {
        this.scheduler = scheduler;
        this.intervalMillis = interval.toMillis();
        this.task = task;
    }

    @Override
    protected void doStart() {
        next();
    }

    private void next() {
        scheduler.schedule(this::run, intervalMillis, TimeUnit.MILLISECONDS);
    }

    private void run() {
        if (isStarting() || isRunning()) {
            try {
                task.run();
            } catch (Throwable thrown) {
                log(thrown);
            }
            next();
        }
    }

    private void log(Throwable thrown) {
        if (!failed) {
            failed = true;
            LOG.warn("A periodic task failed, and is tried again: {}", task, thrown);
        }
    }
}
