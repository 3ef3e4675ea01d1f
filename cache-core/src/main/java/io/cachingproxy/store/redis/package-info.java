/**
 * Shares stored responses between nodes through Redis, with a near cache in each node. Key idea: a fill is registered
 * in the entry that it will change, so removing the entry also cancels the fill; no clocks are compared.
 *
 * <p>Read {@link io.cachingproxy.store.redis.RedisStore} first. Each of its subpackages uses only those before it:
 * {@code link} (connection and scripts), {@code bodies}, {@code near} (copies of this node), {@code channel} (changes,
 * purges, pulse), {@code leases}, {@code entries}. Only they depend on Redisson.
 */
@NullMarked
package io.cachingproxy.store.redis;

import org.jspecify.annotations.NullMarked;
