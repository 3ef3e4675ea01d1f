package io.cachingproxy.cli;

import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.RedisStore;
import io.cachingproxy.store.redis.RedisUrl;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Opens the store that the settings ask for. The one type here that knows which kinds there are. */
final class Stores {
    private static final long CLEARING_SECONDS = 30;
    private static final Duration MIN_DEADLINE = Duration.ofMillis(1);
    private static final Duration MAX_DEADLINE = Duration.ofSeconds(10);

    private Stores() {}

    /**
     * A store in use.
     *
     * @param leases settles which of the nodes that share it asks the origin
     * @param clearing clears it; unlike {@link CacheStore#clear} the stage fails if that could not be done
     * @param description as the start line tells it
     */
    record Open(CacheStore store, FillLeases leases, Supplier<CompletionStage<?>> clearing, String description) {}

    static Open open(Settings.Storage storage) throws Failure {
        long maxObject = storage.maxObject().bytes();
        MemoryStore memory = MemoryStore.outsideHeap(storage.memory().bytes(), maxObject);
        if (storage.redis().isEmpty()) {
            return new Open(memory, FillLeases.ALONE, memory::clear, "in memory (" + storage.memory() + ")");
        }
        Settings.Redis redis = storage.redis().get();
        RedisStore store = opened(redis, builder(redis).near(memory).maxObjectBytes(maxObject));
        return new Open(
                store,
                redis.leases() ? store.leases() : FillLeases.ALONE,
                store::clearOrFail,
                "in Redis at " + redis.address() + " (" + storage.memory() + " near)");
    }

    private static RedisStore opened(Settings.Redis redis, RedisStore.Builder builder) throws Failure {
        try {
            return builder.open();
        } catch (IllegalArgumentException e) {
            throw Failure.wrongUsage(redis.address() + ": " + e.getMessage());
        }
    }

    /** Clears what all instances with this Redis and prefix share. */
    static void clear(Settings.Redis redis) throws Failure {
        try (RedisStore store = opened(redis, builder(redis).near(new MemoryStore(0, 0)))) {
            store.clearOrFail().toCompletableFuture().get(CLEARING_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new Failure("Nothing cleared in " + redis.address() + ": " + Failure.reason(e), e);
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
     * @throws IllegalArgumentException if it is none of a Redis; the message is one line without a password
     */
    static String shown(String redisUrl) {
        return RedisUrl.parse(redisUrl).toString();
    }

    /** @throws IllegalArgumentException if no store can be made of it; in one line, without a password */
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
