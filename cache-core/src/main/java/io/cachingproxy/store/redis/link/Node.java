package io.cachingproxy.store.redis.link;

import java.time.Duration;

/**
 * This process among those that share one Redis and one prefix.
 *
 * @param id unique to this store
 * @param deadline how long a lookup may take
 */
public record Node(RedisLink link, KeyNames names, String id, Duration deadline) {
    /** How long calls may take that no client waits for. */
    public Duration patience() {
        return deadline.multipliedBy(10);
    }
}
