package io.cachingproxy.store.redis;

/** Redis did not do what was asked of it, for a reason that the message gives in one line without a secret. */
public final class RedisUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RedisUnavailableException(String message) {
        super(message, null, false, false);
    }
}
