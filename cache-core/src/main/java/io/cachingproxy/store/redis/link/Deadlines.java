package io.cachingproxy.store.redis.link;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends overdue calls, at most a few milliseconds late. All calls share one timer, because a timer for each call, which
 * is usually cancelled at once, costs a lookup more than its decoding.
 */
final class Deadlines {
    private static final Executor SOON = CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS, Runnable::run);

    private final Queue<Pending> pending = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean watching = new AtomicBoolean();

    private record Pending(CompletableFuture<?> call, long deadline) {
        boolean isOver(long now) {
            return call.isDone() || (now - deadline >= 0 && call.completeExceptionally(new TimeoutException()));
        }
    }

    /** Makes {@code call} fail with a {@link TimeoutException} unless it completes in time. */
    void watch(CompletableFuture<?> call, Duration time) {
        pending.add(new Pending(call, System.nanoTime() + time.toNanos()));
        watchAgain();
    }

    private void watchAgain() {
        if (!watching.get() && watching.compareAndSet(false, true)) {
            SOON.execute(this::look);
        }
    }

    private void look() {
        long now = System.nanoTime();
        pending.removeIf(call -> call.isOver(now));
        watching.set(false);
        if (!pending.isEmpty()) {
            watchAgain();
        }
    }
}
