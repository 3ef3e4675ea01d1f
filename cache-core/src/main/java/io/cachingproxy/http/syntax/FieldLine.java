package io.cachingproxy.http.syntax;

/**
 * A header field line that a user of the cache has written, such as {@code Accept: text/html} (RFC 9110 §5).
 *
 * @param name a token
 * @param value without whitespace around it, and without control characters
 */
public record FieldLine(String name, String value) {
    private static final int LONGEST_SHOWN = 120;

    /**
     * A line of these parts.
     *
     * @throws IllegalArgumentException if a part is malformed; the message is one line
     */
    public FieldLine {
        if (!FieldValues.isToken(name)) {
            throw new IllegalArgumentException("\"" + shown(name) + "\" is not the name of a header");
        }
        if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw new IllegalArgumentException("the value of the header " + name + " has a control character");
        }
        value = value.strip();
    }

    /**
     * Parses {@code Name: value}.
     *
     * @throws IllegalArgumentException if there is no colon, or a part is malformed; the message is one line
     */
    public static FieldLine parse(String line) {
        int colon = line.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("header \"" + shown(line) + "\" has no colon: write Name: value");
        }
        return new FieldLine(line.substring(0, colon), line.substring(colon + 1));
    }

    private static String shown(String given) {
        String text = given.replaceAll("\\p{Cntrl}", "?");
        return text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text;
    }
}
