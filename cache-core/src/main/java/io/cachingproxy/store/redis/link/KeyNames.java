package io.cachingproxy.store.redis.link;

import io.cachingproxy.key.CacheKey;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The names of this cache's keys in Redis. All have a fixed length, and begin with the prefix and the version of the
 * binary form: cache versions with different forms share nothing and do not interfere.
 *
 * <ul>
 *   <li>{@code cp:4:{H}:e}: the entry of a cache key, whose hash is {@code H}; a string of the stamp of the last removal,
 *       a counter and all variants, described in variants.lua
 *   <li>{@code cp:4:{H}:f}: a Redis hash of the fills in progress
 *   <li>{@code cp:4:{H}:b:I}: a body too large for the entry, whose id is {@code I}
 *   <li>{@code cp:4:{H}:l}: the lease of the node that fills the entry; {@code cp:4:{H}:l:V} for its variant
 *       {@code V}, if it is known to vary
 *   <li>{@code cp:4:control}: a Redis hash of the latest stamp, the stamp of the latest clearing, and the purges
 *   <li>{@code cp:4:nodes}: a Redis hash of the nodes that share the prefix
 *   <li>{@code cp:4:changes}: the channel of changes between nodes; {@code cp:4:changes:N} in database {@code N} other
 *       than 0, because channels are shared by all databases
 * </ul>
 *
 * <p>{@code {H}} is a hash tag: all keys of a URL are in one slot of a cluster.
 */
public record KeyNames(String prefix, int database) {
    /** Version of the binary forms together: entries, control hash, messages. */
    private static final int VERSION = 4;

    /** Hexadecimal digits of the hash of a key. */
    private static final int HASH = 32;

    public KeyNames(String prefix) {
        this(prefix, 0);
    }

    public KeyNames {
        if (!prefix.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException("a Redis prefix is 1 to 64 letters, digits, dots, hyphens, underscores");
        }
    }

    /** 128 random bits in hexadecimal digits. */
    public static String newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return HexFormat.of().toHexDigits(random.nextLong()) + HexFormat.of().toHexDigits(random.nextLong());
    }

    public String entry(CacheKey key) {
        return entry(key.hash());
    }

    /** The name of the entry of the key with this hash. */
    public String entry(String hash) {
        return form() + ":{" + hash + "}:e";
    }

    /** The pattern that matches all entries of this version under the prefix. */
    public String entries() {
        return entry("*");
    }

    /** The hash in the name of an entry; empty if it is no such name. */
    public Optional<String> hash(String name) {
        String begin = form() + ":{";
        int end = begin.length() + HASH;
        boolean entry = name.length() > end && name.equals(entry(name.substring(begin.length(), end)));
        return entry
                ? Optional.of(name.substring(begin.length(), end)).filter(it -> it.matches("[0-9a-f]+"))
                : Optional.empty();
    }

    public String fills(CacheKey key) {
        return form() + ":{" + key.hash() + "}:f";
    }

    /** The common prefix of all body names of {@code key}; the id follows. */
    public String bodies(CacheKey key) {
        return form() + ":{" + key.hash() + "}:b:";
    }

    public String body(CacheKey key, String id) {
        return bodies(key) + id;
    }

    public String lease(CacheKey key, String variant) {
        return form() + ":{" + key.hash() + "}:l" + (variant.isEmpty() ? "" : ":" + variant);
    }

    public String control() {
        return form() + ":control";
    }

    public String nodes() {
        return form() + ":nodes";
    }

    public String changes() {
        return form() + ":changes" + (database == 0 ? "" : ":" + database);
    }

    private String form() {
        return prefix + ':' + VERSION;
    }

    /**
     * The pattern that matches all entries and bodies under the prefix, including those of other versions, and no other
     * key.
     */
    public String everything() {
        return prefix.replace(".", "[.]") + ":*{*";
    }
}
