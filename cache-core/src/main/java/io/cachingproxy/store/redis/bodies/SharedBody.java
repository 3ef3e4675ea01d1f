package io.cachingproxy.store.redis.bodies;

import io.cachingproxy.http.Body;

/** A body that is stored in Redis, and by whose id its response is known there. */
public sealed interface SharedBody extends Body permits HeldBody, WindowedBody {
    /** 32 hexadecimal digits, unique to the fill that stored it. */
    String id();

    /** The latest stamp that was known when the fill began that stored it. */
    long stamp();

    /** When Redis was asked for it, by {@link System#nanoTime}. */
    long readAt();

    /** When a body was read that never was: it answers only where Redis does not. */
    static long unconfirmed() {
        return System.nanoTime() - Long.MAX_VALUE / 2;
    }

    /** The same, by a later stamp. */
    SharedBody withStamp(long stamp);
}
