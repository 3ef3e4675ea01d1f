package io.cachingproxy.store.redis.link;

import java.time.Duration;

/** Bounds of data in Redis, passed to several scripts. */
public final class Bounds {
    /** The longest entry in bytes. */
    public static final int MAX_ENTRY = 2 * 1024 * 1024;

    /** The longest retention of any data. */
    public static final Duration RETENTION = Duration.ofDays(30);

    /** How long a replaced body is kept for its current readers. */
    public static final Duration LINGER = Duration.ofMinutes(1);

    private Bounds() {}
}
