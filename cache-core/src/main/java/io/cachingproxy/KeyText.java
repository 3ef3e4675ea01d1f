package io.cachingproxy;

import io.cachingproxy.http.fields.Masking;
import io.cachingproxy.key.CacheKey;
import java.util.ArrayList;
import java.util.List;

/**
 * A cache key for people: {@code GET https://example.org/ (header accept: text/html)}. Values of cookies, and of header
 * fields that are not known to be harmless, are masked.
 */
final class KeyText {
    private final String parts;
    private int at;

    private KeyText(String parts) {
        this.parts = parts;
    }

    static String of(CacheKey key) {
        String url = key.target().scheme().isEmpty()
                ? "//" + key.target().authority() + key.target().pathAndQuery()
                : key.target().url();
        String digest = key.contentDigest() == null ? "" : " (content " + key.contentDigest() + ')';
        String parts = key.parts();
        return key.method()
                + ' '
                + url
                + digest
                + (parts == null ? "" : " (" + String.join(", ", new KeyText(parts).list()) + ')');
    }

    /** The lines of the parts: kind, length and name, and length and value or a dash. */
    private List<String> list() {
        List<String> list = new ArrayList<>();
        String field = "";
        while (at < parts.length()) {
            String kind = until(' ');
            String name = counted();
            at++;
            String value = null;
            if (parts.charAt(at) == '-') {
                at++;
            } else {
                value = counted();
            }
            at++;
            field = kind.equals("value") ? field : name;
            list.add((kind + ' ' + name).strip() + (value == null ? "" : ": " + shown(kind, field, value)));
        }
        return list;
    }

    /** @param field the header field of the value, or of the line before */
    private static String shown(String kind, String field, String value) {
        return switch (kind) {
            case "header", "value" -> Masking.header(field, value);
            case "rewrite" -> value;
            default -> Masking.MASK;
        };
    }

    private String until(char end) {
        int start = at;
        at = parts.indexOf(end, start) + 1;
        return parts.substring(start, at - 1);
    }

    private String counted() {
        int length = Integer.parseInt(until(' '));
        at += length;
        return parts.substring(at - length, at);
    }
}
