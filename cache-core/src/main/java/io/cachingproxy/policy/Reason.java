package io.cachingproxy.policy;

/** Why a request was answered, forwarded, or not stored. The log, Cache-Status and the tests use the same constants. */
public enum Reason {
    // Answered from the store.
    FRESH("RFC 9111 §4.2"),
    REVALIDATED("RFC 9111 §4.3.4"),
    STALE_WHILE_REVALIDATE("RFC 5861 §3"),
    STALE_IF_ERROR("RFC 5861 §4"),
    STALE_ORIGIN_UNREACHABLE("RFC 9111 §4.2.4"),
    REQUEST_MAX_STALE("RFC 9111 §5.2.1.2"),

    // Forwarded.
    URI_MISS("RFC 9211 §2.2"),
    VARY_MISS("RFC 9111 §4.1"),
    STALE("RFC 9111 §4.2"),
    PARTIAL("RFC 9111 §3.4"),
    RESPONSE_NO_CACHE("RFC 9111 §5.2.2.4"),
    REQUEST_NO_CACHE("RFC 9111 §5.2.1.4"),
    REQUEST_MAX_AGE("RFC 9111 §5.2.1.1"),
    REQUEST_MIN_FRESH("RFC 9111 §5.2.1.3"),
    METHOD("RFC 9111 §4"),
    REQUEST_BODY("RFC 9110 §9.3.1"),
    PRECONDITION("RFC 9111 §4.3.2"),
    BYPASS("HttpCache.forward"),
    RULE("a rule"),
    SHADOW("shadow: true"),

    // Answered by the cache itself.
    REFUSED("RFC 9110 §15.5"),
    LOOP("RFC 9110 §7.6.3"),
    MISDIRECTED("RFC 9110 §15.5.20"),
    ANSWERED_BY_RULE("a rule"),
    ONLY_IF_CACHED("RFC 9111 §5.2.1.7"),

    // Stored, or not.
    STORED("RFC 9111 §3"),
    METHOD_NOT_STORED("RFC 9111 §3"),
    STATUS_NOT_UNDERSTOOD("RFC 9111 §5.2.2.3"),
    STATUS_NOT_STORED("RFC 9111 §3"),
    REQUEST_NO_STORE("RFC 9111 §5.2.1.5"),
    RESPONSE_NO_STORE("RFC 9111 §5.2.2.5"),
    RESPONSE_PRIVATE("RFC 9111 §5.2.2.7"),
    AUTHORIZATION("RFC 9111 §3.5"),
    SET_COOKIE("standard policy"),
    CREDENTIALS("standard, override policy"),
    VARY_STAR("RFC 9111 §4.1"),
    NO_FRESHNESS("RFC 9111 §4.2"),
    NO_REUSE("RFC 9111 §4"),
    SUPERSEDED("RFC 9111 §4.3.5"),
    STORED_IS_BETTER("RFC 9111 §4.3.3"),
    PARTIAL_NOT_STORED("RFC 9111 §3.4"),
    TOO_LARGE("--max-object-size"),
    ORIGIN_FAILED("RFC 9110 §15.6.3"),
    ORIGIN_TIMEOUT("RFC 9110 §15.6.5");

    private final String source;
    private final String token;

    Reason(String source) {
        this.source = source;
        this.token = name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    /** The source of the rule: the section of an RFC, or an option. */
    public String source() {
        return source;
    }

    /** The {@code detail} token of Cache-Status (RFC 9211 §2.8). */
    public String token() {
        return token;
    }
}
