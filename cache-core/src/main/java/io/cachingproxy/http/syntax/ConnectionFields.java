package io.cachingproxy.http.syntax;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The names, in lower case, of hop-by-hop fields (RFC 9110 §7.6.1): a fixed set, and the fields that Connection lists.
 *
 * <p>Connection must not list a field that HTTP defines for all recipients, because its removal would change the
 * meaning of the message. {@code Refusal} rejects such a request; elsewhere the field is kept.
 */
public final class ConnectionFields {
    /** Fields that are always hop-by-hop. */
    public static final Set<String> ALWAYS = Set.of(
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

    private static final Remembered<Set<String>> LISTED = new Remembered<>(ConnectionFields::fieldsOf);

    private ConnectionFields() {}

    /** Whether HTTP defines a field of this name for all recipients, so that Connection must not list it. */
    public static boolean isForAllRecipients(String lowerCaseName) {
        return FOR_ALL_RECIPIENTS.contains(lowerCaseName);
    }

    /** The fields that a value of Connection removes. */
    public static Set<String> listed(@Nullable String connection) {
        return connection == null ? Set.of() : LISTED.of(connection);
    }

    /** The names of the fields that Connection removes, in lower case. */
    private static Set<String> fieldsOf(String connection) {
        Set<String> names = new HashSet<>();
        for (String option : FieldValues.split(connection)) {
            String name = option.toLowerCase(Locale.ROOT);
            boolean isField = !name.equals("close") && !ALWAYS.contains(name) && !isForAllRecipients(name);
            if (isField) {
                names.add(name);
            }
        }
        return Set.copyOf(names);
    }
}
