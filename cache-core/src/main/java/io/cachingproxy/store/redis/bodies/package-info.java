/**
 * Bodies in Redis: short ones are inlined in their entry, long ones are read in windows of 256 KiB, each with a
 * checksum.
 *
 * <p>Read {@link io.cachingproxy.store.redis.bodies.SharedBody} first.
 */
@NullMarked
package io.cachingproxy.store.redis.bodies;

import org.jspecify.annotations.NullMarked;
