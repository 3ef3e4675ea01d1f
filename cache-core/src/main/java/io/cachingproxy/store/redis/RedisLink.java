package io.cachingproxy.store.redis;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.RedisException;
import org.redisson.client.codec.ByteArrayCodec;
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
    private static final RedisUnavailableException SHUT = new RedisUnavailableException("Redis is not reachable");

    /** Answers of a Redis that is alive: a key of another type, no memory for a write, a script that met either. */
    private static final Pattern ALIVE = Pattern.compile("\\b(WRONGTYPE|OOM)\\b|Wrong type");

    private static final Pattern CODE = Pattern.compile("^(?:ERR )?([A-Z]{4,}\\b)?");

    private final RedissonClient client;
    private final CircuitBreaker breaker;
    private volatile boolean connected;
    private volatile boolean down;

    RedisLink(RedissonClient client) {
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

    RedissonClient client() {
        return client;
    }

    boolean isOpen() {
        return connected && breaker.getState() == CircuitBreaker.State.CLOSED;
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
            note(failure);
        });
    }

    /** One log line for each change between reachable and not. */
    private synchronized void note(@Nullable Throwable failure) {
        boolean open = isOpen();
        if (down && open) {
            down = false;
            LOG.info("Redis is back: responses are shared again");
        } else if (!down && !open && failure != null) {
            down = true;
            LOG.warn("Redis is not reachable ({}): going on with the near cache", reason(failure));
        }
    }

    private <T> CompletableFuture<T> attempt(Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        if (!breaker.tryAcquirePermission()) {
            return CompletableFuture.failedFuture(SHUT);
        }
        long start = System.nanoTime();
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
        return result.orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((answer, failure) -> count(System.nanoTime() - start, failure));
    }

    private void count(long nanos, @Nullable Throwable failure) {
        if (failure == null || isAlive(failure)) {
            breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
        } else {
            breaker.onError(nanos, TimeUnit.NANOSECONDS, failure);
        }
    }

    /** Whether the failure is the answer of a working Redis. */
    static boolean isAlive(Throwable failure) {
        Throwable cause = unwrapped(failure);
        return cause instanceof RedisException
                && ALIVE.matcher(String.valueOf(cause.getMessage())).find();
    }

    static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What went wrong, without the message: it may hold keys. */
    static String reason(Throwable failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof CallNotPermittedException || cause instanceof RedisUnavailableException) {
            return "not reachable";
        }
        Matcher code = CODE.matcher(String.valueOf(cause.getMessage()));
        String word = code.find() && code.group(1) != null ? " " + code.group(1) : "";
        return cause.getClass().getSimpleName() + word;
    }

    /** Runs a script; numbers and texts among the arguments become their decimal and UTF-8 bytes. */
    CompletionStage<byte[]> bytes(Script script, List<Object> keys, Object... arguments) {
        return run(script, RScript.ReturnType.VALUE, keys, arguments);
    }

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
