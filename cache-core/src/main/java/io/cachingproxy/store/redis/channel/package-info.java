/**
 * Removals, purges and other changes: the channel between nodes, the changes known to this node, and the pulse that
 * detects missed ones.
 *
 * <p>Read {@link io.cachingproxy.store.redis.channel.Change} first, then
 * {@link io.cachingproxy.store.redis.channel.KnownRemovals}.
 */
@NullMarked
package io.cachingproxy.store.redis.channel;

import org.jspecify.annotations.NullMarked;
