package io.cachingproxy.store.redis;

import io.cachingproxy.http.Body;

/** A body that is stored in Redis, and by whose id its response is known there. */
sealed interface SharedBody extends Body permits HeldBody, WindowedBody {
    /** 32 hexadecimal digits, unique to the fill that stored it. */
    String id();

    /** The latest stamp that was known when the fill began that stored it. */
    long stamp();

    /** When Redis was asked for it, by {@link System#nanoTime}. */
    long readAt();

    /** The same, by a later stamp. */
    SharedBody withStamp(long stamp);
}
