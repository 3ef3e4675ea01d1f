package io.cachingproxy.http;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The fields that speak of one connection and go no further (RFC 9110 §7.6.1): those that always do, and those that
 * Connection lists.
 *
 * <p>Connection cannot take away a field that HTTP defines for all recipients: the message that arrived would be another
 * one, chosen by whoever wrote Connection. {@code Refusal} refuses a request that tries to;
 * everywhere else such a field stays.
 */
public final class HopByHop {
    private static final Set<String> ALWAYS = Set.of(
            "connection",
            "proxy-connection",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-authorization");

    /** "A sender MUST NOT send a connection option corresponding to a field that is intended for all recipients." */
    private static final Set<String> FOR_ALL_RECIPIENTS = Set.of(
            "accept",
            "accept-charset",
            "accept-encoding",
            "accept-language",
            "accept-ranges",
            "access-control-request-headers",
            "access-control-request-method",
            "age",
            "authorization",
            "cache-control",
            "cache-groups",
            "cdn-cache-control",
            "content-encoding",
            "content-language",
            "content-length",
            "content-location",
            "content-range",
            "content-type",
            "cookie",
            "date",
            "etag",
            "expect",
            "expires",
            "forwarded",
            "from",
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "last-modified",
            "location",
            "no-vary-search",
            "origin",
            "pragma",
            "range",
            "referer",
            "set-cookie",
            "user-agent",
            "vary",
            "via",
            "www-authenticate",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto");

    private static final Remembered<Set<String>> LISTED = new Remembered<>(HopByHop::fieldsOf);

    private HopByHop() {}

    /** These headers less the hop-by-hop ones and those that Connection lists. */
    public static Headers strip(Headers headers) {
        Set<String> listed = listed(headers);
        if (listed.isEmpty()) {
            return headers.without(ALWAYS);
        }
        Set<String> names = new HashSet<>(listed);
        names.addAll(ALWAYS);
        return headers.without(names);
    }

    /** These headers less those that Connection lists; fields that are always hop-by-hop are still there. */
    static Headers withoutListed(Headers headers) {
        return headers.without(listed(headers));
    }

    /** Whether a field of this name never goes further than one connection. */
    public static boolean isAlways(String lowerCaseName) {
        return ALWAYS.contains(lowerCaseName);
    }

    /** Whether HTTP defines a field of this name for all recipients, so that Connection must not list it. */
    public static boolean isForAllRecipients(String lowerCaseName) {
        return FOR_ALL_RECIPIENTS.contains(lowerCaseName);
    }

    private static Set<String> listed(Headers headers) {
        String connection = headers.combined("Connection");
        return connection == null ? Set.of() : LISTED.of(connection);
    }

    /** The names of the fields that Connection takes away, in lower case. */
    private static Set<String> fieldsOf(String connection) {
        Set<String> names = new HashSet<>();
        for (String option : FieldValues.split(connection)) {
            String name = option.toLowerCase(Locale.ROOT);
            boolean isField = !name.equals("close") && !isAlways(name) && !isForAllRecipients(name);
            if (isField) {
                names.add(name);
            }
        }
        return Set.copyOf(names);
    }
}
