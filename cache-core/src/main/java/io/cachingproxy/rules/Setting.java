package io.cachingproxy.rules;

import java.util.Locale;

/** A setting of a rule. For each setting, the value of the last matching rule applies. */
public enum Setting {
    BYPASS(true),
    STORE(false),
    TTL(false),
    DEFAULT_TTL(false),
    MIN_TTL(false),
    MAX_TTL(false),
    BROWSER_TTL(false),
    STALE_WHILE_REVALIDATE(false),
    STALE_IF_ERROR(false),
    IGNORE(false),
    KEY_QUERY(true),
    KEY_HEADERS(true),
    KEY_COOKIES(true),
    KEY_HOST(true),
    KEY_SCHEME(true),
    KEY_FUNCTION(true),
    TAGS(false),
    REQUEST_HEADERS(true),
    RESPONSE_HEADERS(false),
    ORIGIN(true),
    REWRITE(true),
    REDIRECT(true),
    RESPOND(true),
    COALESCE(true),
    COMPRESS(true),
    MAX_OBJECT_SIZE(false),
    POLICY(true);

    private final boolean beforeResponse;
    private final String token;

    Setting(boolean beforeResponse) {
        this.beforeResponse = beforeResponse;
        String words = name().toLowerCase(Locale.ROOT).replace('_', '-');
        this.token = words.startsWith("key-") ? "key." + words.substring(4) : words;
    }

    /** Whether the setting takes effect before the response, so that a rule with response conditions cannot set it. */
    boolean actsBeforeResponse() {
        return beforeResponse;
    }

    /** Whether the setting changes the forwarded request or its origin, and so the response. */
    boolean isOfForwarding() {
        return this == ORIGIN || this == REWRITE || this == REQUEST_HEADERS;
    }

    /** Whether the setting changes the cache key. */
    boolean isOfKey() {
        return token.startsWith("key.");
    }

    /** Whether the setting adds values to the cache key, so that one URL may have many keys. */
    boolean addsToKey() {
        return this == KEY_HEADERS || this == KEY_COOKIES || this == KEY_FUNCTION;
    }

    /** The name in configuration files, such as {@code stale-if-error} or {@code key.query}. */
    public String token() {
        return token;
    }
}
