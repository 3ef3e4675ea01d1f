package io.cachingproxy.cli.text;

/** Texts of limited length. */
public final class Cut {
    private Cut() {}

    /** The text, or its first {@code longest} characters and an ellipsis. */
    public static String at(int longest, String text) {
        return text.length() > longest ? text.substring(0, longest) + "…" : text;
    }
}
