/** {@link io.cachingproxy.store.redis.RedisStore} against real Redis servers. */
@NullMarked
package io.cachingproxy.store.redis;

import org.jspecify.annotations.NullMarked;
