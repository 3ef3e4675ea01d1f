package io.cachingproxy.store.redis;

import io.cachingproxy.key.CacheKey;

/**
 * The names of this cache's keys in Redis, all of a fixed length and under one prefix:
 *
 * <ul>
 *   <li>{@code cp:{H}:e}: the entry of a cache key, whose hash is {@code H}; a string of the stamp of the last removal,
 *       a counter and all variants, which variants.lua describes
 *   <li>{@code cp:{H}:f}: a Redis hash of the fills under way
 *   <li>{@code cp:{H}:b:I}: a body too large for the entry, whose id is {@code I}
 *   <li>{@code cp:{H}:l}: the lease of the node that fills the entry
 *   <li>{@code cp:control}: a Redis hash of the latest stamp, the stamp at which everything was removed last, and the
 *       purges
 *   <li>{@code cp:changes}: the channel on which the nodes tell each other what changed
 * </ul>
 *
 * <p>{@code {H}} is a hash tag: all keys of a URL are in one slot of a cluster.
 */
record KeyNames(String prefix) {
    KeyNames {
        if (!prefix.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException("a Redis prefix is 1 to 64 letters, digits, dots, hyphens, underscores");
        }
    }

    String entry(CacheKey key) {
        return prefix + ":{" + key.hash() + "}:e";
    }

    String fills(CacheKey key) {
        return prefix + ":{" + key.hash() + "}:f";
    }

    /** What the names of all bodies of {@code key} begin with; an id follows. */
    String bodies(CacheKey key) {
        return prefix + ":{" + key.hash() + "}:b:";
    }

    String body(CacheKey key, String id) {
        return bodies(key) + id;
    }

    String lease(CacheKey key) {
        return prefix + ":{" + key.hash() + "}:l";
    }

    String control() {
        return prefix + ":control";
    }

    String changes() {
        return prefix + ":changes";
    }

    /** The pattern that all entries and bodies match, and no other key. */
    String everything() {
        return prefix.replace(".", "[.]") + ":{*";
    }
}
