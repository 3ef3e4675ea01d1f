package io.cachingproxy.store.redis;

/** Redis is unreachable or refused a command; the message gives the reason in one line without secrets. */
public final class RedisUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RedisUnavailableException(String message) {
        super(message, null, false, false);
    }
}
