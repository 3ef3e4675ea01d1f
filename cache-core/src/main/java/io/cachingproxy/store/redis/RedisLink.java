package io.cachingproxy.store.redis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RScript;
import org.redisson.client.RedisException;
import org.redisson.client.RedisOutOfMemoryException;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.client.protocol.RedisCommands;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to Redis, which is open or shut. Each call has a deadline of its own; when most calls of the last second
 * failed, the way is shut and calls fail at once, and only {@link #probe} tries whether it can be opened again.
 *
 * <p>Before the first probe has succeeded the way is shut too: Redisson connects on the thread of the first call, and
 * that must not be a client's.
 */
final class RedisLink {
    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);

    @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace
    private static final RedisUnavailableException SHUT = new RedisUnavailableException("Redis is not reachable");

    /** The answer of a Redis that is alive, about a key of another type. */
    private static final String WRONG_TYPE = "WRONGTYPE";

    private final Redisson client;
    private final CircuitBreaker breaker;
    private final Deadlines deadlines = new Deadlines();
    private volatile boolean connected;
    private volatile String lastReason = "not connected yet";
    private boolean down;
    private int failedProbes;

    RedisLink(Redisson client) {
        this.client = client;
        this.breaker = CircuitBreaker.of(
                "redis",
                CircuitBreakerConfig.custom()
                        .slidingWindow(1, 3, SlidingWindowType.TIME_BASED)
                        .failureRateThreshold(50)
                        .waitDurationInOpenState(Duration.ofMillis(250))
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .build());
    }

    Redisson client() {
        return client;
    }

    boolean isOpen() {
        return connected && breaker.getState() == CircuitBreaker.State.CLOSED;
    }

    /** Why Redis could not be used the last time that it could not. */
    String lastReason() {
        return lastReason;
    }

    /** Calls Redis, or fails at once while the way is shut. The stage ends within {@code deadline}. */
    <T> CompletableFuture<T> call(Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        return isOpen() ? attempt(deadline, operation) : CompletableFuture.failedFuture(SHUT);
    }

    /** Calls Redis even while the way is shut, and opens it on success. May block until Redisson is connected. */
    <T> CompletableFuture<T> probe(Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        return attempt(deadline, operation).whenComplete((answer, failure) -> {
            if (failure == null) {
                connected = true;
            }
            judge(failure);
        });
    }

    /** Shuts the way when two probes in a row failed, also if nobody else calls. One log line for each change. */
    private synchronized void judge(@Nullable Throwable failure) {
        failedProbes = failure == null ? 0 : failedProbes + 1;
        if (failedProbes > 1 && breaker.getState() == CircuitBreaker.State.CLOSED) {
            breaker.transitionToOpenState();
        }
        if (down && isOpen()) {
            down = false;
            LOG.info("Redis is back: responses are shared again");
        } else if (!down && !isOpen() && failure != null) {
            down = true;
            LOG.warn("Redis cannot be used ({}): going on with the near cache", lastReason);
        }
    }

    private <T> CompletableFuture<T> attempt(Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        if (!breaker.tryAcquirePermission()) {
            return CompletableFuture.failedFuture(SHUT);
        }
        long start = System.nanoTime();
        return insist(deadline, operation).whenComplete((answer, failure) -> count(System.nanoTime() - start, failure));
    }

    /** Calls Redis also while the way is shut: for what is under way and cannot be had elsewhere. Opens nothing. */
    <T> CompletableFuture<T> insist(Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            operation.get().whenComplete((answer, failure) -> {
                if (failure == null) {
                    result.complete(answer);
                } else {
                    result.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
        deadlines.watch(result, deadline);
        return result;
    }

    private void count(long nanos, @Nullable Throwable failure) {
        if (failure == null || isAlive(failure)) {
            breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
        } else {
            lastReason = reason(failure);
            breaker.onError(nanos, TimeUnit.NANOSECONDS, failure);
        }
    }

    /** Whether the failure is the answer of a working Redis. */
    static boolean isAlive(Throwable failure) {
        Throwable cause = unwrapped(failure);
        return isFull(cause)
                || (cause instanceof RedisException
                        && String.valueOf(cause.getMessage()).contains(WRONG_TYPE));
    }

    /** Whether Redis refused to write because its memory is used up. */
    static boolean isFull(Throwable failure) {
        return unwrapped(failure) instanceof RedisOutOfMemoryException;
    }

    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What went wrong at the bottom of it: the kind only, since the message may hold keys. */
    static String reason(Throwable failure) {
        return Trouble.of(failure).words();
    }

    /** The bytes {@code from} up to {@code to} of a string, or fewer if there are no more. */
    CompletionStage<byte[]> range(String name, long from, long to) {
        return client.getCommandExecutor()
                .readAsync(name, ByteArrayCodec.INSTANCE, RedisCommands.GETRANGE, name, from, to - 1);
    }

    /** The length of a string; 0 if there is none. */
    CompletionStage<Long> length(String name) {
        return client.getCommandExecutor().readAsync(name, ByteArrayCodec.INSTANCE, RedisCommands.STRLEN, name);
    }

    /** Runs a script that returns bytes; numbers and texts among the arguments become decimal and UTF-8 bytes. */
    CompletionStage<byte[]> bytes(Script script, List<Object> keys, Object... arguments) {
        return run(script, RScript.ReturnType.VALUE, keys, arguments);
    }

    /** Runs a script that returns a list of bytes. */
    CompletionStage<List<byte[]>> list(Script script, List<Object> keys, Object... arguments) {
        return run(script, RScript.ReturnType.LIST, keys, arguments);
    }

    /** Runs a script that returns a number. */
    CompletionStage<Long> number(Script script, List<Object> keys, Object... arguments) {
        return run(script, RScript.ReturnType.LONG, keys, arguments);
    }

    private <T> CompletionStage<T> run(Script script, RScript.ReturnType type, List<Object> keys, Object... arguments) {
        Object[] bytes = Arrays.stream(arguments).map(RedisLink::encoded).toArray();
        return client.getScript(ByteArrayCodec.INSTANCE)
                .evalAsync(RScript.Mode.READ_WRITE, script.lua(), type, keys, bytes);
    }

    private static byte[] encoded(Object argument) {
        return argument instanceof byte[] bytes ? bytes : argument.toString().getBytes(StandardCharsets.UTF_8);
    }
}
