/**
 * Removals, purges and other changes: the channel on which nodes tell them each other, what this node knows of them, and the
 * pulse that notices what was missed.
 *
 * <p>Read {@link io.cachingproxy.store.redis.channel.Change} first, then {@link io.cachingproxy.store.redis.channel.Gone}.
 */
@NullMarked
package io.cachingproxy.store.redis.channel;

import org.jspecify.annotations.NullMarked;
