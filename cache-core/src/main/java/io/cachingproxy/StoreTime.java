package io.cachingproxy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The time one request may still wait for the store: one deadline for all of its operations together, to the last byte
 * of the response. Operations that take longer continue in the background. At most one operation at a time.
 */
final class StoreTime {
    private final AtomicLong leftNanos;

    StoreTime(Duration deadline) {
        this.leftNanos = new AtomicLong(deadline.toNanos());
    }

    /** The result of {@code operation}; {@code otherwise} if it fails or takes too long. */
    <T> CompletionStage<T> bound(CompletionStage<T> operation, T otherwise) {
        CompletableFuture<T> result = operation.toCompletableFuture();
        if (result.isDone()) {
            return result.isCompletedExceptionally() ? CompletableFuture.completedFuture(otherwise) : result;
        }
        long begun = System.nanoTime();
        return result.copy()
                .completeOnTimeout(otherwise, Math.max(0, leftNanos.get()), TimeUnit.NANOSECONDS)
                .handle((value, failure) -> {
                    leftNanos.addAndGet(begun - System.nanoTime());
                    return failure == null ? value : otherwise;
                });
    }
}
