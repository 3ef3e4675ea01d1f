/**
 * Entries in Redis: their binary form, how they are read, and how a response is written, from the first window to the
 * commit.
 *
 * <p>Read {@link io.cachingproxy.store.redis.entries.EntryCodec} first.
 */
@NullMarked
package io.cachingproxy.store.redis.entries;

import org.jspecify.annotations.NullMarked;
