/**
 * The near copies of this node, served while the channel of changes works, and responses that are committed but not yet
 * in Redis.
 *
 * <p>Read {@link io.cachingproxy.store.redis.near.NearCache} first.
 */
@NullMarked
package io.cachingproxy.store.redis.near;

import org.jspecify.annotations.NullMarked;
