package io.cachingproxy.store.redis.bodies;

import io.cachingproxy.http.Body;

/** A body that is stored in Redis; its id identifies its response there. */
public sealed interface SharedBody extends Body permits InlineBody, WindowedBody {
    /** 32 hexadecimal digits, unique to the fill that stored it. */
    String id();

    /** The latest stamp known when the fill that stored it began. */
    long stamp();

    /** When it was requested from Redis, by {@link System#nanoTime}. */
    long readAt();

    /** The read time of a body that was never read from Redis: it is served only if Redis does not answer. */
    static long unconfirmed() {
        return System.nanoTime() - Long.MAX_VALUE / 2;
    }

    /** A copy with a later stamp. */
    SharedBody withStamp(long stamp);
}
