/**
 * The copies of this node: answered from while the channel of changes is heard, and what was committed but is not yet in
 * Redis.
 *
 * <p>Read {@link io.cachingproxy.store.redis.near.NearCache} first.
 */
@NullMarked
package io.cachingproxy.store.redis.near;

import org.jspecify.annotations.NullMarked;
