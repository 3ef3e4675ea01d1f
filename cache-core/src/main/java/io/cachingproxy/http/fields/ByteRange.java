package io.cachingproxy.http.fields;

import io.cachingproxy.http.syntax.FieldValues;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A satisfiable range of bytes of a representation (RFC 9110 §14.1.2).
 *
 * @param from the first byte
 * @param count number of bytes, at least one
 */
public record ByteRange(long from, long count) {
    /**
     * The satisfiable ranges of a Range field for {@code length} bytes, in order; null if the field is not a valid set
     * of byte ranges and must be ignored (RFC 9110 §14.2).
     */
    public static @Nullable List<ByteRange> parse(String field, long length) {
        int equals = field.indexOf('=');
        if (equals < 0 || !field.substring(0, equals).strip().equalsIgnoreCase("bytes")) {
            return null;
        }
        List<String> specs = FieldValues.split(field.substring(equals + 1));
        List<ByteRange> ranges = new ArrayList<>(specs.size());
        for (String spec : specs) {
            int dash = spec.indexOf('-');
            if (dash < 0) {
                return null;
            }
            String first = spec.substring(0, dash).strip();
            String last = spec.substring(dash + 1).strip();
            if (!valid(first, last)) {
                return null;
            }
            add(ranges, first, last, length);
        }
        return specs.isEmpty() ? null : ranges;
    }

    private static boolean valid(String first, String last) {
        Long from = FieldValues.number(first, Long.MAX_VALUE / 16);
        Long to = FieldValues.number(last, Long.MAX_VALUE / 16);
        return first.isEmpty() ? to != null : from != null && (last.isEmpty() || (to != null && from <= to));
    }

    private static void add(List<ByteRange> ranges, String first, String last, long length) {
        Long from = FieldValues.number(first, Long.MAX_VALUE / 16);
        Long to = FieldValues.number(last, Long.MAX_VALUE / 16);
        if (from == null) {
            long suffix = Math.min(to == null ? 0 : to, length);
            if (suffix > 0) {
                ranges.add(new ByteRange(length - suffix, suffix));
            }
        } else if (from < length) {
            long end = to == null ? length - 1 : Math.min(to, length - 1);
            ranges.add(new ByteRange(from, end - from + 1));
        }
    }

    /** The Content-Range field of this range of {@code length} bytes (RFC 9110 §14.4). */
    public String contentRange(long length) {
        return "bytes " + from + '-' + (from + count - 1) + '/' + length;
    }
}
