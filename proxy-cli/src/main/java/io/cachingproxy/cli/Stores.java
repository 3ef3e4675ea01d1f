package io.cachingproxy.cli;

import io.cachingproxy.store.CacheStore;
import io.cachingproxy.store.MemoryStore;
import io.cachingproxy.store.redis.RedisStore;
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
     * @param clearing clears it; unlike {@link CacheStore#clear} the stage fails if that could not be done
     * @param description as the start line tells it
     */
    record Open(CacheStore store, Supplier<CompletionStage<?>> clearing, String description) {}

    static Open open(Settings.Storage storage) {
        MemoryStore memory =
                new MemoryStore(storage.memory().bytes(), storage.maxObject().bytes());
        return storage.redis()
                .map(redis -> shared(redis, memory, storage.memory(), storage.maxObject()))
                .orElseGet(() -> new Open(memory, memory::clear, "in memory (" + storage.memory() + ")"));
    }

    private static Open shared(RedisAddress redis, MemoryStore near, ByteSize memory, ByteSize maxObject) {
        RedisStore store =
                builder(redis).near(near).maxObjectBytes(maxObject.bytes()).open();
        return new Open(store, store::clearOrFail, "in Redis at " + redis + " (" + memory + " near)");
    }

    /** @throws IllegalArgumentException if the URL is none that a store can be opened with; in one line */
    static void check(RedisAddress redis) {
        builder(redis);
    }

    /** Clears what all instances with this address share. */
    static void clear(RedisAddress redis) throws Failure {
        try (RedisStore store = builder(redis).near(new MemoryStore(0, 0)).open()) {
            store.clearOrFail().toCompletableFuture().get(CLEARING_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new Failure("Nothing cleared: Redis at " + redis + ": " + Failure.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted", e);
        }
    }

    private static RedisStore.Builder builder(RedisAddress redis) {
        return RedisStore.at(redis.url()).prefix(redis.prefix());
    }
}
