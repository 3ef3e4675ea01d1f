package io.cachingproxy.cli.admin;

import io.cachingproxy.store.redis.RedisNode;
import io.cachingproxy.store.redis.RedisStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The instances that share the cache.
 *
 * @param list the instances, this one first
 * @param purged the same, once all have applied the purges that Redis has acknowledged, or after a while
 */
public record Nodes(Supplier<List<RedisNode>> list, Supplier<CompletionStage<List<RedisNode>>> purged) {
    /** How long a receipt waits for the instances to confirm a purge. */
    private static final Duration CONFIRMING = Duration.ofSeconds(1);

    /** The instances that share a store. */
    public static Nodes of(RedisStore store) {
        return new Nodes(store::nodes, () -> store.purgedNodes(CONFIRMING));
    }

    /** An instance that shares its cache with no other. */
    public static Nodes alone(Supplier<String> name, String version, InstantSource clock) {
        Instant started = clock.instant();
        String id = UUID.randomUUID().toString();
        Supplier<List<RedisNode>> list =
                () -> List.of(new RedisNode(id, name.get(), version, started, clock.instant(), true, false, true));
        return new Nodes(list, () -> CompletableFuture.completedFuture(list.get()));
    }
}
