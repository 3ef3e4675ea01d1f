package io.cachingproxy.rules;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The status codes from {@code first} to {@code last}, both included (RFC 9110 §15). */
record StatusRange(int first, int last) {
    private static final Pattern SPEC = Pattern.compile("([1-5])[xX]{2}|([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?");

    /**
     * Reads {@code 404}, {@code 4xx} or {@code 400-499}.
     *
     * @throws IllegalArgumentException if the text is none of these; the message is one sentence
     */
    static StatusRange parse(String text) {
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

    boolean contains(int status) {
        return status >= first && status <= last;
    }
}
