package io.cachingproxy.store.redis.link;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The logger of Redis stores, named after {@code RedisStore}, the class that applications know. */
public final class RedisLog {
    public static final Logger LOG = LoggerFactory.getLogger("io.cachingproxy.store.redis.RedisStore");

    private RedisLog() {}
}
