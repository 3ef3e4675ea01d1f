package io.cachingproxy;

import io.cachingproxy.key.CacheKey;
import org.jspecify.annotations.Nullable;

/** A cache key for people: {@code GET https://example.org/ (header accept: text/html)}. */
final class KeyText {
    private KeyText() {}

    static String of(CacheKey key) {
        String url = key.target().scheme().isEmpty()
                ? "//" + key.target().authority() + key.target().pathAndQuery()
                : key.target().url();
        String digest = key.contentDigest() == null ? "" : " (content " + key.contentDigest() + ')';
        return key.method() + ' ' + url + digest + parts(key.parts());
    }

    /** The lines of {@code parts}: kind, length and name, and length and value or a dash. */
    private static String parts(@Nullable String parts) {
        if (parts == null) {
            return "";
        }
        String text = parts.strip()
                .replaceAll("(?m)^(\\w+) \\d+ (.*?) \\d+ ", "$1 $2: ")
                .replaceAll("(?m)^(\\w+) \\d+ (.*) -$", "$1 $2")
                .replace("\n", ", ");
        return " (" + text + ')';
    }
}
