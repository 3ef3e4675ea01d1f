package io.cachingproxy.cli.text;

/**
 * The characters that change how a terminal or an editor shows a text, and have no form of their own: controls (C0, DEL
 * and C1), line and paragraph separators, and the controls of bidirectional text. Clients and origins send them to hide
 * or to forge lines. In every text for an operator they are escaped.
 */
public final class Controls {
    private Controls() {}

    /** Whether a character is escaped. */
    public static boolean isControl(int c) {
        return c < ' '
                || (c >= 0x7f && c <= 0x9f)
                || c == 0x61c
                || c == 0x200e
                || c == 0x200f
                || (c >= 0x2028 && c <= 0x202e)
                || (c >= 0x2066 && c <= 0x2069);
    }

    /** The escape of a character, as in JSON: a backslash, {@code u} and four digits. */
    static String escape(int c) {
        return String.format("\\u%04X", c);
    }

    /** The text with each of these characters, line feeds and tabs included, as {@code \}{@code u001B}. */
    public static String escaped(String text) {
        if (text.chars().noneMatch(Controls::isControl)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.chars().forEach(c -> {
            if (isControl(c)) {
                escaped.append(escape(c));
            } else {
                escaped.append((char) c);
            }
        });
        return escaped.toString();
    }
}
