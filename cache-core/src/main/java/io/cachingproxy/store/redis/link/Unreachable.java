package io.cachingproxy.store.redis.link;

/** Ends calls of a Redis that is known not to answer. Without a stack trace: it is one instance for all of them. */
final class Unreachable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreachable() {
        super("Redis is not reachable", null, false, false);
    }
}
