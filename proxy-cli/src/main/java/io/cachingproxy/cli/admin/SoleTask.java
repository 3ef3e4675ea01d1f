package io.cachingproxy.cli.admin;

import io.cachingproxy.rules.Abandonable;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work of seconds, such as the check of a configuration file: one task at a time, on a thread of its own, so that other
 * requests do not wait. A request for another task meanwhile is answered 503.
 *
 * <p>A task that misses the deadline is answered 503 and interrupted. Until it has ended, no other task begins.
 */
public final class SoleTask {
    private static final Logger LOG = LoggerFactory.getLogger(SoleTask.class);

    private final String name;
    private final @Nullable Duration deadline;
    private final Semaphore free = new Semaphore(1);

    private SoleTask(String name, @Nullable Duration deadline) {
        this.name = name;
        this.deadline = deadline;
    }

    /**
     * Tasks with a deadline.
     *
     * @param name what a task is, for the answers: "a check"
     */
    public static SoleTask within(Duration deadline, String name) {
        return new SoleTask(name, deadline);
    }

    /** Tasks that are never interrupted. */
    public static SoleTask complete(String name) {
        return new SoleTask(name, null);
    }

    /** The JSON that a task results in. */
    public record Result(int status, Object json) {}

    /**
     * Begins a task, whose result becomes the answer.
     *
     * @param work throws any exception if it is interrupted
     * @throws AdminExchange.Refused if another task is in progress
     */
    public void begin(AdminExchange exchange, Supplier<Result> work) {
        if (!free.tryAcquire()) {
            throw AdminExchange.Refused.later(name + " is in progress: one at a time");
        }
        new TaskThread(() -> run(exchange, work)).start();
    }

    private static final class TaskThread extends Thread implements Abandonable {
        TaskThread(Runnable task) {
            super(task, "admin-task");
            setDaemon(true);
        }
    }

    private void run(AdminExchange exchange, Supplier<Result> work) {
        AtomicBoolean answered = new AtomicBoolean();
        Scheduler.Task timeout = interruptAfterDeadline(exchange, answered);
        AdminRoutes.Action answer;
        try {
            answer = result(work);
        } finally {
            if (timeout != null) {
                timeout.cancel();
            }
            free.release(); // before the answer, whose client may send the next task at once
        }
        if (answered.compareAndSet(false, true)) {
            AdminRoutes.run(answer, exchange);
        }
    }

    private static AdminRoutes.Action result(Supplier<Result> work) {
        try {
            Result result = work.get();
            return exchange -> exchange.json(result.status(), result.json());
        } catch (RuntimeException failure) {
            return exchange -> {
                throw failure;
            };
        } catch (Error fatal) {
            LOG.error(
                    "A task of the admin listener failed", fatal); // also without an answer: OutOfMemoryWatch reads it
            return exchange -> exchange.text(500, "Internal error: see the log");
        }
    }

    private Scheduler.@Nullable Task interruptAfterDeadline(AdminExchange exchange, AtomicBoolean answered) {
        if (deadline == null) {
            return null;
        }
        Thread task = Thread.currentThread();
        Runnable interrupt = () -> {
            if (answered.compareAndSet(false, true)) {
                task.interrupt();
                exchange.refuse(
                        AdminExchange.Refused.later(name + " takes longer than " + deadline.toSeconds() + " s"));
            }
        };
        return exchange.request()
                .getComponents()
                .getScheduler()
                .schedule(interrupt, deadline.toMillis(), TimeUnit.MILLISECONDS);
    }
}
