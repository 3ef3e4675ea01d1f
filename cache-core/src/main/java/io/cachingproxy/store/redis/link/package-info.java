/**
 * The connection to Redis: calls with deadlines behind circuit breakers, the names of keys, and the scripts. What is atomic
 * stands in the Lua files beside this package's classes.
 *
 * <p>Read {@link io.cachingproxy.store.redis.link.RedisLink} first.
 */
@NullMarked
package io.cachingproxy.store.redis.link;

import org.jspecify.annotations.NullMarked;
