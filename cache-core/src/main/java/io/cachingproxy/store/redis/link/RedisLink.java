package io.cachingproxy.store.redis.link;

import io.cachingproxy.store.RemoteStoreListener;
import io.cachingproxy.store.StoreListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RScript;
import org.redisson.client.RedisException;
import org.redisson.client.RedisOutOfMemoryException;
import org.redisson.client.RedisTimeoutException;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.RedisCommands;
import org.redisson.client.protocol.decoder.ListScanResult;
import org.redisson.connection.MasterSlaveEntry;

/**
 * Redis client behind circuit breakers. Each call has its own deadline; while the {@link Breaker} of its server is
 * open, calls fail immediately, and only {@link #probe} and {@link #probeShards} test whether it can be closed again.
 *
 * <p>Before the first good probe no calls are made: Redisson connects on the thread of the first call, which must not
 * be a client's.
 */
public final class RedisLink {

    @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace
    private static final Unreachable SHUT = new Unreachable();

    /** The error of a healthy Redis about a key of another type. */
    private static final String WRONG_TYPE = "WRONGTYPE";

    private static final int FIRST_PROBES = 5;

    private final Redisson client;
    private final Breakers breakers;
    private final Queue<Runnable> listeners = new ConcurrentLinkedQueue<>();
    private final Deadlines deadlines = new Deadlines();
    private final List<RemoteStoreListener> measuring = new CopyOnWriteArrayList<>();
    private final LongAdder rejected = new LongAdder();
    private volatile StoreListener told = new StoreListener() {};
    private boolean down;
    private int badProbes;

    /**
     * Creates a link.
     *
     * @param control the name of the control key
     * @param deadline the latest time of an answer
     */
    public RedisLink(Redisson client, String control, Duration deadline) {
        this.client = client;
        this.breakers = new Breakers(client, control, deadline, () -> listeners.forEach(Runnable::run));
    }

    public Redisson client() {
        return client;
    }

    public void listen(StoreListener listener) {
        told = listener;
    }

    /** Adds a listener for the duration of calls and the delay of messages. */
    public void measure(RemoteStoreListener listener) {
        measuring.add(listener);
    }

    /** Reports the delay of a message. */
    public void received(RemoteStoreListener.Message message, Duration lag) {
        measuring.forEach(listener -> listener.onMessage(message, lag));
    }

    /** The state of each breaker, that of the server with the control key first. */
    public List<BreakerState> breakers() {
        return breakers.states();
    }

    /** How often a breaker has opened. */
    public long openings() {
        return breakers.openings();
    }

    /** The number of calls that were not made, because a breaker was open or the last calls were late. */
    public long rejected() {
        return rejected.sum();
    }

    /** Adds a listener that runs each time a breaker opens. */
    public void onOpened(Runnable listener) {
        listeners.add(listener);
    }

    /** Whether Redis answers in time. */
    public boolean isOpen() {
        return breakers.main().isClosed();
    }

    /** The reason why Redis was last unavailable. */
    public String lastReason() {
        return breakers.main().reason();
    }

    /** Whether the server with the key of this name answers in time. */
    public boolean isOpen(String name) {
        return breakers.isClosed(name);
    }

    /** Whether a client's request should wait for that server; see {@link Breaker#isPrompt}. */
    public boolean isPrompt(String name) {
        return orRejected(breakers.isPrompt(name));
    }

    /** Whether a client's request should wait for several answers of that server; see {@link Breaker#isQuick}. */
    public boolean isQuick(String name) {
        return orRejected(breakers.isQuick(name));
    }

    private boolean orRejected(boolean permitted) {
        if (!permitted) {
            rejected.increment();
        }
        return permitted;
    }

    /** Calls Redis about the control key, or fails immediately; see {@link #call(Operation, String, Duration, Supplier)}. */
    public <T> CompletableFuture<T> call(
            Operation kind, Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        return orRejected(isOpen())
                ? timed(kind, deadline, operation, breakers.main()::called)
                : CompletableFuture.failedFuture(SHUT);
    }

    /**
     * Calls the server of the named key, or fails immediately if it is unreachable. Completes within {@code deadline}.
     */
    public <T> CompletableFuture<T> call(
            Operation kind, String name, Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        return orRejected(isOpen(name))
                ? timed(kind, deadline, operation, breakers.of(name)::called)
                : CompletableFuture.failedFuture(SHUT);
    }

    /**
     * Transfers many bytes, which may take longer than a healthy Redis takes for a short answer; else like
     * {@code call}.
     */
    public <T> CompletableFuture<T> transfer(
            Operation kind, String name, Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        return orRejected(isOpen(name))
                ? timed(kind, deadline, operation, breakers.of(name)::transferred)
                : CompletableFuture.failedFuture(SHUT);
    }

    /** Calls Redis even while its breaker is open. May block until Redisson is connected. */
    public <T> CompletableFuture<T> probe(
            Operation kind, Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        return timed(kind, deadline, operation, (nanos, failure) -> {
            breakers.main().probed(nanos, failure);
            tell(failure);
        });
    }

    /** Probes the unreachable masters of a cluster. */
    public void probeShards(Duration deadline) {
        for (Breakers.Shard shard : breakers.openShards()) {
            timed(
                    Operation.PROBE,
                    deadline,
                    () -> length(shard.name()),
                    (nanos, failure) -> breakers.probed(shard, nanos, failure));
        }
    }

    /** Logs one line for each change of state; none if only the first answers are late, while Redisson connects. */
    private synchronized void tell(@Nullable Throwable failure) {
        badProbes = isOpen() ? 0 : badProbes + 1;
        if (down && isOpen()) {
            down = false;
            RedisLog.LOG.info("Redis is back: responses are shared again");
            told.onStoreRecovered();
        } else if (!down && !isOpen() && (failure != null || badProbes > FIRST_PROBES)) {
            down = true;
            RedisLog.LOG.warn(
                    "Redis cannot be used ({}): going on with the near cache",
                    breakers.main().reason());
            told.onStoreFailed();
        }
    }

    private interface Judge {
        void judge(long nanos, @Nullable Throwable failure);
    }

    private <T> CompletableFuture<T> timed(
            Operation kind, Duration deadline, Supplier<? extends CompletionStage<T>> operation, Judge judge) {
        long start = System.nanoTime();
        return within(deadline, operation).whenComplete((answer, failure) -> {
            long nanos = System.nanoTime() - start;
            judge.judge(nanos, failure);
            if (!measuring.isEmpty()) {
                Duration time = Duration.ofNanos(nanos);
                measuring.forEach(listener -> listener.onOperation(kind.token(), result(failure), time));
            }
        });
    }

    private static RemoteStoreListener.Result result(@Nullable Throwable failure) {
        if (failure == null) {
            return RemoteStoreListener.Result.OK;
        }
        Throwable cause = unwrapped(failure);
        return cause instanceof TimeoutException || cause instanceof RedisTimeoutException
                ? RemoteStoreListener.Result.TIMEOUT
                : RemoteStoreListener.Result.FAILED;
    }

    /** Calls Redis regardless of its breaker: for data in use that is not available elsewhere. */
    public <T> CompletableFuture<T> insist(
            Operation kind, Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        return timed(kind, deadline, operation, (nanos, failure) -> {});
    }

    private <T> CompletableFuture<T> within(Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
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

    /** Whether the failure is an error reply of a working Redis. */
    public static boolean isAlive(Throwable failure) {
        Throwable cause = unwrapped(failure);
        return isFull(cause)
                || (cause instanceof RedisException
                        && String.valueOf(cause.getMessage()).contains(WRONG_TYPE));
    }

    /** Whether Redis refused a write because its memory is full. */
    static boolean isFull(Throwable failure) {
        return unwrapped(failure) instanceof RedisOutOfMemoryException;
    }

    public static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** The root cause of a failure: its kind only, because its message may contain keys. */
    public static String reason(Throwable failure) {
        return Trouble.of(failure).words();
    }

    /**
     * Calls Redis for an operator, or fails immediately if it is unreachable. The answer is not judged, because it may
     * take longer than that of a lookup.
     */
    public <T> CompletableFuture<T> browse(
            Operation kind, Duration deadline, Supplier<? extends CompletionStage<T>> operation) {
        return orRejected(isOpen()) ? insist(kind, deadline, operation) : CompletableFuture.failedFuture(SHUT);
    }

    /**
     * Keys that a step of SCAN found.
     *
     * @param cursor of the next step; 0 after the last step
     * @param masters the number of masters
     */
    public record Scanned(List<String> names, String cursor, int masters) {}

    /**
     * A step of SCAN on one master.
     *
     * @param number of the master, in the order of their addresses; of one that does not exist nothing is found
     * @param count the number of keys that are visited, about
     */
    public CompletionStage<Scanned> scan(int number, String cursor, String pattern, int count) {
        List<MasterSlaveEntry> masters = client.getCommandExecutor().getConnectionManager().getEntrySet().stream()
                .sorted(Comparator.comparing(
                        master -> String.valueOf(master.getClient().getAddr())))
                .toList();
        if (number >= masters.size()) {
            return CompletableFuture.completedFuture(new Scanned(List.of(), "0", masters.size()));
        }
        CompletionStage<ListScanResult<String>> answer = client.getCommandExecutor()
                .readAsync(
                        masters.get(number),
                        StringCodec.INSTANCE,
                        RedisCommands.SCAN,
                        cursor,
                        "MATCH",
                        pattern,
                        "COUNT",
                        count);
        return answer.thenApply(found -> new Scanned(List.copyOf(found.getValues()), found.getPos(), masters.size()));
    }

    /** The bytes {@code from} up to {@code to} of a string, or fewer if it ends before. */
    public CompletionStage<byte[]> range(String name, long from, long to) {
        return client.getCommandExecutor()
                .readAsync(name, ByteArrayCodec.INSTANCE, RedisCommands.GETRANGE, name, from, to - 1);
    }

    /** The length of a string; 0 if it does not exist. */
    public CompletionStage<Long> length(String name) {
        return client.getCommandExecutor().readAsync(name, ByteArrayCodec.INSTANCE, RedisCommands.STRLEN, name);
    }

    /** Runs a script that returns bytes; numbers and texts among the arguments become decimal and UTF-8 bytes. */
    public CompletionStage<byte[]> bytes(Script script, List<Object> keys, Object... arguments) {
        return run(script, RScript.ReturnType.VALUE, keys, arguments);
    }

    /** Runs a script that returns a list of bytes. */
    public CompletionStage<List<byte[]>> list(Script script, List<Object> keys, Object... arguments) {
        return run(script, RScript.ReturnType.LIST, keys, arguments);
    }

    /** Runs a script that returns a number. */
    public CompletionStage<Long> number(Script script, List<Object> keys, Object... arguments) {
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
