package io.cachingproxy.store.redis.link;

import java.time.Duration;

/** Bounds of what is kept in Redis, which several scripts are given. */
public final class Bounds {
    /** The longest entry in bytes. */
    public static final int MAX_ENTRY = 2 * 1024 * 1024;

    /** The longest time for which anything is kept. */
    public static final Duration RETENTION = Duration.ofDays(30);

    /** How long a replaced body is left to its readers. */
    public static final Duration LINGER = Duration.ofMinutes(1);

    private Bounds() {}
}
