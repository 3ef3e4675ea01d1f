package io.cachingproxy.rules;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of status codes (RFC 9110 §15).
 *
 * @param first the lowest status code, at least 100
 * @param last the highest status code, at most 599; not below {@code first}
 */
public record StatusRange(int first, int last) {
    private static final Pattern SPEC = Pattern.compile("([1-5])[xX]{2}|([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?");

    public StatusRange {
        if (first < 100 || last > 599 || first > last) {
            throw new IllegalArgumentException(first + "-" + last + " is no range of status codes from 100 to 599");
        }
    }

    /**
     * Parses {@code 404}, {@code 4xx} (in upper or lower case) or {@code 400-499}.
     *
     * @throws IllegalArgumentException if the text is none of these; the message is one sentence
     */
    public static StatusRange parse(String text) {
        Matcher matcher = SPEC.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("status \"" + text + "\" is not a status: write 404, 4xx or 400-499");
        }
        if (matcher.group(1) != null) {
            int first = 100 * Integer.parseInt(matcher.group(1));
            return new StatusRange(first, first + 99);
        }
        int first = Integer.parseInt(matcher.group(2));
        @Nullable String end = matcher.group(3);
        int last = end == null ? first : Integer.parseInt(end);
        if (last < first) {
            throw new IllegalArgumentException("status \"" + text + "\" never matches: write " + last + '-' + first);
        }
        return new StatusRange(first, last);
    }

    /** Whether one of {@code ranges} contains {@code status}. */
    public static boolean isIn(List<StatusRange> ranges, int status) {
        for (StatusRange range : ranges) {
            if (range.contains(status)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the range contains {@code status}. */
    public boolean contains(int status) {
        return status >= first && status <= last;
    }
}
