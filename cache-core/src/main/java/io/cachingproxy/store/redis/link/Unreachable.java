package io.cachingproxy.store.redis.link;

/** Fails calls to an unreachable Redis. One shared instance, without a stack trace. */
final class Unreachable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreachable() {
        super("Redis is not reachable", null, false, false);
    }
}
