/**
 * The connection to Redis: calls with deadlines behind circuit breakers, the names of keys, and the scripts. Atomic
 * steps are Lua files in the resources of this package.
 *
 * <p>Read {@link io.cachingproxy.store.redis.link.RedisLink} first.
 */
@NullMarked
package io.cachingproxy.store.redis.link;

import org.jspecify.annotations.NullMarked;
