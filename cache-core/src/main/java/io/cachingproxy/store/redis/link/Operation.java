package io.cachingproxy.store.redis.link;

import java.util.Locale;

/** The kinds of calls to Redis. Each has a name in metrics, which the guide explains. */
public enum Operation {
    FIND,
    BODY,
    BEGIN,
    WRITE,
    COMMIT,
    CHECK,
    FRESHEN,
    DISCARD,
    STAMP,
    INVALIDATE,
    PURGE,
    PURGES,
    CLEAR,
    LEASE,
    PULSE,
    PROBE,
    ROOM,
    NODES,
    SCAN;

    private final String token = name().toLowerCase(Locale.ROOT);

    /** The name in metrics. */
    public String token() {
        return token;
    }
}
