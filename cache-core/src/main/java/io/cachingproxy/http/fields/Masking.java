package io.cachingproxy.http.fields;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Replaces values that can be secrets by {@code ***}, before an operator sees them: values of header fields that are not
 * known to be harmless, values of cookies, values of query parameters, and users and passwords in URLs.
 */
public final class Masking {
    /** The replacement of a value. */
    public static final String MASK = "***";

    private static final Pattern USER_INFO = Pattern.compile("(?<=//)[^/?#\\s]*@");
    private static final Pattern PARAMETER = Pattern.compile("(?<=[?&])([^?&=#\\s]+=)[^&#\\s]+");

    /** The fields whose values are shown. */
    private static final Set<String> SHOWN = Set.of(
            "accept",
            "accept-charset",
            "accept-encoding",
            "accept-language",
            "accept-ranges",
            "age",
            "allow",
            "alt-svc",
            "cache-control",
            "cache-groups",
            "cache-status",
            "cache-tag",
            "cache-tags",
            "cdn-cache-control",
            "connection",
            "content-disposition",
            "content-encoding",
            "content-language",
            "content-length",
            "content-location",
            "content-range",
            "content-security-policy",
            "content-type",
            "date",
            "dnt",
            "etag",
            "expect",
            "expires",
            "host",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "keep-alive",
            "last-modified",
            "link",
            "location",
            "max-forwards",
            "no-vary-search",
            "origin",
            "permissions-policy",
            "pragma",
            "purpose",
            "range",
            "referer",
            "referrer-policy",
            "retry-after",
            "save-data",
            "server",
            "server-timing",
            "strict-transport-security",
            "surrogate-control",
            "surrogate-key",
            "te",
            "timing-allow-origin",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "upgrade-insecure-requests",
            "user-agent",
            "vary",
            "via",
            "warning",
            "x-cache",
            "x-content-type-options",
            "x-frame-options",
            "x-powered-by",
            "x-requested-with",
            "x-robots-tag",
            "x-xss-protection",
            "xkey");

    /** Prefixes of families of such fields. */
    private static final List<String> FAMILIES = List.of("access-control-", "cross-origin-", "sec-ch-", "sec-fetch-");

    private Masking() {}

    /** Whether the values of the field with this name, in any case, are known to be harmless. */
    public static boolean isShown(String field) {
        String name = field.toLowerCase(Locale.ROOT);
        return SHOWN.contains(name) || FAMILIES.stream().anyMatch(name::startsWith);
    }

    /** The value of a header field, masked unless it is known to be harmless; the URLs in it are masked in any case. */
    public static String header(String field, String value) {
        return isShown(field) ? url(value) : MASK;
    }

    /** A URL, or a text with URLs, without users, passwords and the values of query parameters. */
    public static String url(String text) {
        if (text.indexOf('@') < 0 && text.indexOf('=') < 0) {
            return text;
        }
        return PARAMETER.matcher(USER_INFO.matcher(text).replaceAll(MASK + "@")).replaceAll("$1" + MASK);
    }
}
