/**
 * Where stored responses are kept. {@link io.cachingproxy.store.CacheStore} is the contract, {@link
 * io.cachingproxy.store.MemoryStore} keeps them in this process, {@code redis.RedisStore} shares them between many.
 */
@NullMarked
package io.cachingproxy.store;

import org.jspecify.annotations.NullMarked;
