package io.cachingproxy.cli.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The keys of one kind of mapping in the file. Tests check that the readers, the JSON Schema and the guide agree on them.
 */
public record Keys(List<String> names) {
    /** The top level, in addition to the command-line options. */
    public static final Keys ROOT = of("listeners", "origins", "sites", "rules", "tests");

    /** A listener. */
    public static final Keys LISTENER = of("port", "host", "tls", "redirect-to-https", "proxy-protocol");

    /** The TLS settings of a listener. */
    public static final Keys LISTENER_TLS = of("certificate", "key", "certificates");

    /** One of several certificates of a listener. */
    public static final Keys CERTIFICATE = of("certificate", "key");

    /** An origin. */
    public static final Keys ORIGIN = of(
            "servers",
            "balance",
            "hash-on",
            "host",
            "check",
            "eject",
            "retry",
            "slow-start",
            "resolve",
            "timeouts",
            "connections",
            "tls",
            "protocol");

    /** The timeouts of an origin. */
    public static final Keys TIMEOUTS = of("connect", "first-byte", "idle", "total");

    /** The connections to an origin. */
    public static final Keys CONNECTIONS = of("max-lifetime");

    /** The TLS settings of an origin. */
    public static final Keys ORIGIN_TLS = of("ca", "certificate", "key", "server-name");

    /** A server of an origin. */
    public static final Keys SERVER = of("url", "weight", "backup");

    /** The active health check of an origin. */
    public static final Keys CHECK = of("path", "every", "timeout", "status", "passes", "fails");

    /** The passive ejection of an origin's servers. */
    public static final Keys EJECT = of("failures", "latency", "for", "at-most");

    /** Retries on another server of an origin. */
    public static final Keys RETRY = of("attempts", "on", "budget");

    /** A site. */
    public static final Keys SITE = of("name", "hosts", "origin", "policy", "shadow", "rules");

    /** A rule: its name, its conditions and its settings. */
    public static final Keys RULE = of(
            "name",
            "match",
            "bypass",
            "store",
            "ttl",
            "default-ttl",
            "min-ttl",
            "max-ttl",
            "browser-ttl",
            "stale-while-revalidate",
            "stale-if-error",
            "ignore",
            "key",
            "tags",
            "request-headers",
            "response-headers",
            "origin",
            "rewrite",
            "redirect",
            "respond",
            "coalesce",
            "compress",
            "max-object-size",
            "policy");

    /** The conditions of a rule. */
    public static final Keys MATCH = of(
            "host",
            "path",
            "path-regex",
            "method",
            "scheme",
            "query",
            "header",
            "cookie",
            "client",
            "status",
            "content-type",
            "response-header",
            "not",
            "any");

    /** The setting {@code key}. */
    public static final Keys KEY = of("query", "headers", "cookies", "host", "scheme");

    /** Query parameters in the cache key. */
    public static final Keys KEY_QUERY = of("keep", "drop", "sort");

    /** Header changes. */
    public static final Keys HEADERS = of("set", "add", "remove");

    /** The setting {@code rewrite}. */
    public static final Keys REWRITE = of("strip-prefix", "add-prefix");

    /** The setting {@code redirect}. */
    public static final Keys REDIRECT = of("to", "status");

    /** The setting {@code respond}. */
    public static final Keys RESPOND = of("status", "body");

    /** A test. */
    public static final Keys TEST = of("name", "request", "response", "expect");

    /** The request of a test with more than method and URL. */
    public static final Keys TEST_REQUEST = of("method", "url", "headers", "client");

    /** The response of a test. */
    public static final Keys TEST_RESPONSE = of("status", "headers");

    /** The expectations of a test. */
    public static final Keys EXPECT = of("site", "rules", "key", "ttl", "stored", "bypass", "headers", "origin");

    private static Keys of(String... names) {
        return new Keys(List.of(names));
    }

    /** These keys together with others. */
    Keys and(Collection<String> others) {
        List<String> all = new ArrayList<>(names);
        all.addAll(others);
        return new Keys(all);
    }

    /** The error message for an unknown key. */
    String unknown(String key) {
        List<String> similar = Suggestion.of(key, names);
        if (!similar.isEmpty()) {
            return "unknown key `" + key + "`; did you mean `" + String.join("` or `", similar) + "`?";
        }
        return "unknown key `" + key + "`" + elsewhere(key) + "; known are " + examples();
    }

    /** The part of the message that names the mapping of a misplaced key; empty if unknown. */
    private static String elsewhere(String key) {
        if (MATCH.names.contains(key)) {
            return ", which is a condition: write it into `match`";
        }
        return RULE.names.contains(key) ? ", which is a setting of rules: write it into a rule" : "";
    }

    String examples() {
        return names.size() > 12 ? String.join(", ", names.subList(0, 12)) + "…" : String.join(", ", names);
    }

    /** All kinds of mappings. */
    public static List<Keys> all() {
        return Arrays.asList(
                ROOT,
                LISTENER,
                LISTENER_TLS,
                CERTIFICATE,
                ORIGIN,
                TIMEOUTS,
                CONNECTIONS,
                ORIGIN_TLS,
                SERVER,
                CHECK,
                EJECT,
                RETRY,
                SITE,
                RULE,
                MATCH,
                KEY,
                KEY_QUERY,
                HEADERS,
                REWRITE,
                REDIRECT,
                RESPOND,
                TEST,
                TEST_REQUEST,
                TEST_RESPONSE,
                EXPECT);
    }
}
