package io.cachingproxy.store.redis;

import static org.awaitility.Awaitility.await;

import io.cachingproxy.store.MemoryStore;
import java.time.Duration;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;

/** Stores that are connected, and patient enough for a busy machine. */
final class Stores {
    private Stores() {}

    static RedisStore ready(RedisStore.Builder builder) {
        return ready(builder, new MemoryStore(32 << 20, 4 << 20));
    }

    static RedisStore ready(RedisStore.Builder builder, MemoryStore near) {
        return awaitReady(builder.deadline(Duration.ofSeconds(1))
                .maxObjectBytes(4 << 20)
                .near(near)
                .open());
    }

    static RedisStore awaitReady(RedisStore store) {
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> store.isReady());
        return store;
    }

    static RedissonClient client(String url) {
        return Redisson.create(Connections.of(RedisUrl.parse(url)));
    }
}
