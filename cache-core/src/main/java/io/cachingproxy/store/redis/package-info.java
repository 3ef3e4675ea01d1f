/**
 * Shares stored responses between many nodes through Redis, with a near cache in front of it. The one idea: a fill is
 * registered in the entry that it will change, so whatever removes the entry also ends the fill; no clock is compared.
 *
 * <p>Read {@link io.cachingproxy.store.redis.RedisStore} first; what is atomic stands in the Lua files beside this
 * package's classes. Only this package knows Redisson.
 */
@NullMarked
package io.cachingproxy.store.redis;

import org.jspecify.annotations.NullMarked;
