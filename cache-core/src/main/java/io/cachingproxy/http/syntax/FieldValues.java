package io.cachingproxy.http.syntax;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parsers for the parts of field values: lists, tokens, quoted strings (RFC 9110 §5.6). Linear; no method throws. */
public final class FieldValues {
    private FieldValues() {}

    /** The trimmed, non-empty members of a comma-separated list; a comma in a quoted string does not separate. */
    public static List<String> split(String value) {
        return split(value, ',');
    }

    /** The trimmed, non-empty parts between {@code separator}s outside of quoted strings. */
    public static List<String> split(String value, char separator) {
        List<String> parts = new ArrayList<>(4);
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                add(parts, value.substring(start, i));
                start = i + 1;
            }
        }
        add(parts, value.substring(start));
        return parts;
    }

    private static void add(List<String> parts, String part) {
        String trimmed = part.strip();
        if (!trimmed.isEmpty()) {
            parts.add(trimmed);
        }
    }

    /** The content of a quoted string; null if {@code value} is not a well-formed one. */
    public static @Nullable String unquote(String value) {
        int last = value.length() - 1;
        if (last < 1 || value.charAt(0) != '"' || value.charAt(last) != '"') {
            return null;
        }
        StringBuilder content = new StringBuilder(last);
        for (int i = 1; i < last; i++) {
            char c = value.charAt(i);
            if (c == '"') {
                return null;
            }
            if (c == '\\' && ++i == last) {
                return null;
            }
            content.append(value.charAt(i));
        }
        return content.toString();
    }

    /** Whether {@code text} is a token (RFC 9110 §5.6.2): one or more token characters. */
    public static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isTokenChar(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isTokenChar(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /** Whether {@code text} is one or more decimal digits. */
    public static boolean isDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    /** The decimal number, at most {@code max}; null if {@code text} is not a sequence of digits. */
    public static @Nullable Long number(String text, long max) {
        if (!isDigits(text)) {
            return null;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            number = number * 10 + (text.charAt(i) - '0');
            if (number >= max) {
                return max;
            }
        }
        return number;
    }
}
