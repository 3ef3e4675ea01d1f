package io.cachingproxy.policy;

/** A field or directive that a rule leaves out of the storage and reuse decisions, as if it were absent. */
public enum Ignored {
    /** The Cookie field of requests: neither credentials nor, where Vary names it, part of the Vary key. */
    COOKIE,
    /** The Set-Cookie field of responses: not stored, and no reason not to store the rest. */
    SET_COOKIE,
    /** The Authorization field of requests. */
    AUTHORIZATION,
    /** {@code no-store} in responses. */
    NO_STORE,
    /** {@code private} in responses. */
    PRIVATE,
    /** {@code no-cache} in responses. */
    NO_CACHE,
    /**
     * The Vary field of responses: the response answers every request of its key. Fields that trusted proxies set, such as
     * X-Forwarded-Host, still select, because clients may be behind them.
     */
    VARY,
    /** Cache-Control and Pragma of requests. */
    REQUEST_CACHE_CONTROL;

    private final String token = name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');

    /** The name in configuration files, such as {@code set-cookie}. */
    public String token() {
        return token;
    }
}
