package io.cachingproxy.policy;

/** A field or directive that the storage and reuse decisions ignore, by a rule, as if it were absent. */
public enum Ignored {
    /** The Cookie field of requests: neither counts as credentials nor, if Vary names it, belongs to the Vary key. */
    COOKIE,
    /** The Set-Cookie field of responses: not stored, but does not prevent storing the rest. */
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
     * The Vary field of responses: the response answers every request of its key. Fields set by trusted proxies, such
     * as X-Forwarded-Host, still select, because clients may be behind these proxies.
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
