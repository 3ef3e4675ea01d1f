package io.cachingproxy.rules;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.PercentEncoding;
import org.jspecify.annotations.Nullable;

/** Matches globs against named values in a query, a Cookie field or a header section. */
final class Parameters {
    private Parameters() {}

    /**
     * Whether the query has a parameter with this name whose value matches. Names and values are form-decoded; a
     * parameter without {@code =} has an empty value. Of several parameters with the name, any may match.
     *
     * @param glob if null, whether there is no such value
     */
    static boolean inQuery(String pathAndQuery, int pathLength, String name, @Nullable Glob glob) {
        int start = pathLength + 1;
        while (start < pathAndQuery.length()) {
            int and = pathAndQuery.indexOf('&', start);
            int end = and < 0 ? pathAndQuery.length() : and;
            int equals = pathAndQuery.indexOf('=', start);
            int nameEnd = equals < 0 || equals > end ? end : equals;
            if (nameEnd > start || end > start) {
                String found = PercentEncoding.decodeForm(pathAndQuery.substring(start, nameEnd));
                if (found.equals(name)) {
                    String value = PercentEncoding.decodeForm(pathAndQuery.substring(Math.min(nameEnd + 1, end), end));
                    if (glob == null || glob.matches(value)) {
                        return glob != null;
                    }
                }
            }
            start = end + 1;
        }
        return glob == null;
    }

    /**
     * Whether a line of the Cookie field has a cookie with this name whose value matches (RFC 6265 §4.2.1). Of several
     * cookies with the name, any may match; a quoted value matches with or without its quotes. A cookie without {@code
     * =} has an empty value.
     *
     * @param glob if null, whether there is no such value
     */
    static boolean inCookies(Headers headers, String name, @Nullable Glob glob) {
        for (int i = 0; i < headers.size(); i++) {
            if (headers.name(i).equalsIgnoreCase("Cookie") && inCookie(headers.value(i), name, glob)) {
                return glob != null;
            }
        }
        return glob == null;
    }

    private static boolean inCookie(String field, String name, @Nullable Glob glob) {
        int start = 0;
        while (start < field.length()) {
            int semicolon = field.indexOf(';', start);
            int end = semicolon < 0 ? field.length() : semicolon;
            int from = skipBlanks(field, start, end);
            if (field.startsWith(name, from) && isCookie(field, from + name.length(), end, glob)) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    /** Whether the name of a cookie ends at {@code nameEnd}, and its value matches. */
    private static boolean isCookie(String field, int nameEnd, int end, @Nullable Glob glob) {
        int equals = skipBlanks(field, nameEnd, end);
        if (equals > end || (equals < end && field.charAt(equals) != '=')) {
            return false;
        }
        int from = skipBlanks(field, Math.min(equals + 1, end), end);
        int to = end;
        while (to > from && isBlank(field.charAt(to - 1))) {
            to--;
        }
        if (glob == null || glob.matches(field, from, to)) {
            return true;
        }
        boolean quoted = to - from >= 2 && field.charAt(from) == '"' && field.charAt(to - 1) == '"';
        return quoted && glob.matches(field, from + 1, to - 1);
    }

    private static int skipBlanks(String field, int start, int end) {
        int i = start;
        while (i < end && isBlank(field.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    /**
     * Whether a line with this name matches, or the combined value of all of them (RFC 9110 §5.2).
     *
     * @param glob if null, whether there is no such value
     */
    static boolean inHeaders(Headers headers, String name, @Nullable Glob glob) {
        String combined = headers.combined(name);
        if (combined == null || glob == null) {
            return combined == null && glob == null;
        }
        if (glob.matches(combined)) {
            return true;
        }
        for (int i = 0; i < headers.size(); i++) {
            if (headers.name(i).equalsIgnoreCase(name) && glob.matches(headers.value(i))) {
                return true;
            }
        }
        return false;
    }
}
