package io.cachingproxy.cli;

import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.RedisStore;
import io.cachingproxy.store.redis.RedisUrl;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Opens the store of the settings. The only type of this package that chooses the kind of store. */
final class Stores {
    private static final long CLEARING_SECONDS = 30;
    private static final Duration POLL = Duration.ofMillis(10);
    private static final Duration MIN_DEADLINE = Duration.ofMillis(1);
    private static final Duration MAX_DEADLINE = Duration.ofSeconds(10);

    private Stores() {}

    /**
     * An open store.
     *
     * @param redis the store, if it is in Redis
     * @param leases coalesces requests across the instances that share the store
     * @param clearing clears the store; unlike {@link CacheStore#clear}, the stage fails if clearing fails
     * @param ready whether all stored responses are available
     * @param description the current description for the start line
     */
    record Open(
            CacheStore store,
            Optional<RedisStore> redis,
            FillLeases leases,
            Supplier<CompletionStage<?>> clearing,
            BooleanSupplier ready,
            Supplier<String> description) {

        /** Waits until the store is ready, at most for {@code most}. */
        void awaitReady(Duration most) {
            long begin = System.nanoTime();
            while (!ready.getAsBoolean() && System.nanoTime() - begin < most.toNanos()) {
                Instance.pause(POLL);
            }
        }
    }

    /** @param name of this instance among those that share the store */
    static Open open(Settings.Storage storage, Supplier<String> name) throws Failure {
        long maxObject = storage.maxObject().bytes();
        MemoryStore memory = MemoryStore.outsideHeap(storage.memory().bytes(), maxObject);
        if (storage.redis().isEmpty()) {
            return new Open(
                    memory,
                    Optional.empty(),
                    FillLeases.ALONE,
                    memory::clear,
                    () -> true,
                    () -> "in memory (" + storage.memory() + ")");
        }
        Settings.Redis redis = storage.redis().get();
        RedisStore store = opened(redis, builder(redis).name(name).near(memory).maxObjectBytes(maxObject));
        return new Open(
                store,
                Optional.of(store),
                redis.leases() ? store.leases() : FillLeases.ALONE,
                store::clearOrFail,
                store::isReady,
                () -> "in Redis at " + redis.address() + " (" + storage.memory() + " near)" + outage(redis, store));
    }

    private static String outage(Settings.Redis redis, RedisStore store) {
        return store.isReady()
                ? ""
                : ", which cannot be used now: " + store.outage().orElse("it is not connected yet") + see(redis);
    }

    private static String see(Settings.Redis redis) {
        return " (see " + redis.address().option() + ")";
    }

    private static RedisStore opened(Settings.Redis redis, RedisStore.Builder builder) throws Failure {
        try {
            return builder.open();
        } catch (IllegalArgumentException e) {
            throw Failure.wrongUsage(redis.address() + ": " + e.getMessage());
        }
    }

    /** Clears the shared cache of all instances with this Redis and prefix. */
    static void clear(Settings.Redis redis) throws Failure {
        try (RedisStore store = opened(redis, builder(redis).near(new MemoryStore(0, 0)))) {
            store.clearOrFail().toCompletableFuture().get(CLEARING_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new Failure("Nothing cleared in " + redis.address() + ": " + Failure.reason(e) + see(redis), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted", e);
        }
    }

    private static RedisStore.Builder builder(Settings.Redis redis) {
        RedisStore.Builder builder = redis.address() instanceof RedisAddress.ConfigFile file
                ? RedisStore.configuredBy(file.path())
                : RedisStore.at(((RedisAddress.Url) redis.address()).url());
        return builder.prefix(redis.prefix()).deadline(redis.deadline());
    }

    /**
     * The URL without user and password.
     *
     * @throws IllegalArgumentException if the URL is not a Redis URL; the message is one line without a password
     */
    static String shown(String redisUrl) {
        return RedisUrl.parse(redisUrl).toString();
    }

    /** @throws IllegalArgumentException if the settings are invalid; the message is one line without a password */
    static void check(Settings.Redis redis) {
        if (redis.deadline().compareTo(MIN_DEADLINE) < 0 || redis.deadline().compareTo(MAX_DEADLINE) > 0) {
            throw new IllegalArgumentException("--redis-deadline is between 1ms and 10s");
        }
        checkPrefix(redis.prefix());
        builder(redis);
    }

    private static void checkPrefix(String prefix) {
        try {
            RedisStore.at(RedisAddress.LOCAL).prefix(prefix);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--redis-prefix: " + e.getMessage());
        }
    }
}
