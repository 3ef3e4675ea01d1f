/**
 * Stores of responses. {@link io.cachingproxy.store.CacheStore} is the contract,
 * {@link io.cachingproxy.store.MemoryStore} keeps responses in this process, {@code redis.RedisStore} shares them
 * between processes.
 */
@NullMarked
package io.cachingproxy.store;

import org.jspecify.annotations.NullMarked;
