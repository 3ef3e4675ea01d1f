/**
 * Shares stored responses between many nodes through Redis, with a near cache in front of it. The one idea: a fill is
 * registered in the entry that it will change, so whatever removes the entry also ends the fill; no clock is compared.
 *
 * <p>Read {@link io.cachingproxy.store.redis.RedisStore} first. Its rooms, each of which uses only those before it: {@code
 * link} (connection and scripts), {@code bodies}, {@code near} (copies of this node), {@code channel} (changes, purges,
 * pulse), {@code leases}, {@code entries}. Only they know Redisson.
 */
@NullMarked
package io.cachingproxy.store.redis;

import org.jspecify.annotations.NullMarked;
