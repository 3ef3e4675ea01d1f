package io.cachingproxy.store.redis.link;

import java.time.Duration;

/**
 * This process as a member of the nodes that share a Redis and a prefix.
 *
 * @param id unique to this store
 * @param deadline the longest duration of a lookup
 */
public record Node(RedisLink link, KeyNames names, String id, Duration deadline) {
    /** The timeout of calls without a waiting client. */
    public Duration patience() {
        return deadline.multipliedBy(10);
    }
}
