package io.cachingproxy.cli;

import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.FillLeases;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.RedisStore;
import io.cachingproxy.store.redis.RedisUrl;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Opens the store that the settings ask for. The one type here that knows which kinds there are. */
final class Stores {
    private static final long CLEARING_SECONDS = 30;

    private Stores() {}

    /**
     * A store in use.
     *
     * @param leases settles which of the nodes that share it asks the origin
     * @param clearing clears it; unlike {@link CacheStore#clear} the stage fails if that could not be done
     * @param description as the start line tells it
     */
    record Open(CacheStore store, FillLeases leases, Supplier<CompletionStage<?>> clearing, String description) {}

    static Open open(Settings.Storage storage) {
        long maxObject = storage.maxObject().bytes();
        MemoryStore memory = new MemoryStore(storage.memory().bytes(), maxObject);
        if (storage.redis().isEmpty()) {
            return new Open(memory, FillLeases.ALONE, memory::clear, "in memory (" + storage.memory() + ")");
        }
        RedisAddress redis = storage.redis().get();
        RedisStore store = builder(redis).near(memory).maxObjectBytes(maxObject).open();
        return new Open(
                store, store.leases(), store::clearOrFail, "in Redis at " + redis + " (" + storage.memory() + " near)");
    }

    /** Clears what all instances with this address share. */
    static void clear(RedisAddress redis) throws Failure {
        try (RedisStore store = builder(redis).near(new MemoryStore(0, 0)).open()) {
            store.clearOrFail().toCompletableFuture().get(CLEARING_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new Failure("Nothing cleared in " + redis + ": " + Failure.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted", e);
        }
    }

    private static RedisStore.Builder builder(RedisAddress redis) {
        return RedisStore.at(redis.url()).prefix(redis.prefix());
    }

    /**
     * The URL without user and password.
     *
     * @throws IllegalArgumentException if it is none of a Redis; the message is one line without a password
     */
    static String shown(String redisUrl) {
        return RedisUrl.parse(redisUrl).toString();
    }

    /** @throws IllegalArgumentException if no key can begin with this */
    static void checkPrefix(String prefix) {
        RedisStore.at(RedisAddress.LOCAL).prefix(prefix);
    }
}
