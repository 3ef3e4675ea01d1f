/**
 * Bodies as Redis has them: short ones come with their entry, long ones are read in windows of 256 KiB, each of which is
 * checked.
 *
 * <p>Read {@link io.cachingproxy.store.redis.bodies.SharedBody} first.
 */
@NullMarked
package io.cachingproxy.store.redis.bodies;

import org.jspecify.annotations.NullMarked;
