package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.FieldValues;
import org.jspecify.annotations.Nullable;

/**
 * The Content-Range of a 206 response (RFC 9110 §14.4).
 *
 * @param from the first byte
 * @param to the last byte
 * @param total the length of the complete representation
 */
public record ContentRange(long from, long to, long total) {
    /** The single range of these headers; null if it is absent, has no total length, or is inconsistent. */
    public static @Nullable ContentRange of(Headers headers) {
        String value = headers.combined("Content-Range");
        if (value == null || !value.regionMatches(true, 0, "bytes ", 0, 6)) {
            return null;
        }
        int dash = value.indexOf('-');
        int slash = value.indexOf('/', dash + 1);
        if (dash < 0 || slash < 0) {
            return null;
        }
        Long from = FieldValues.number(value.substring(6, dash), Long.MAX_VALUE / 16);
        Long to = FieldValues.number(value.substring(dash + 1, slash), Long.MAX_VALUE / 16);
        Long total = FieldValues.number(value.substring(slash + 1), Long.MAX_VALUE / 16);
        return from == null || to == null || total == null || from > to || to >= total
                ? null
                : new ContentRange(from, to, total);
    }

    /** The number of bytes. */
    public long count() {
        return to - from + 1;
    }

    public boolean contains(ByteRange range) {
        return from <= range.from() && range.from() + range.count() - 1 <= to;
    }
}
