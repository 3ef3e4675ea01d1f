package io.cachingproxy.net;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The request field {@code traceparent} (W3C Trace Context §3.2).
 *
 * @param traceId 32 digits in lower case, not all zeros
 * @param flags the flags that are defined: sampled and random
 */
public record TraceParent(String traceId, int flags) {
    private static final String NAME = "traceparent";
    private static final String STATE = "tracestate";
    private static final Set<String> FIELDS = Set.of(NAME, STATE);

    /** The length of a value of version 00; values of later versions are longer, or as long. */
    private static final int LENGTH = 55;

    private static final int TRACE_ID = 3;
    private static final int SPAN_ID = 36;
    private static final int FLAGS = 53;
    private static final int DEFINED_FLAGS = 0x03;

    /** The value in {@code headers}; null if there is none, more than one, or an invalid one. */
    public static @Nullable TraceParent of(Headers headers) {
        if (!headers.contains(NAME)) {
            return null;
        }
        List<String> values = headers.all(NAME);
        return values.size() == 1 ? parse(values.get(0).strip()) : null;
    }

    private static @Nullable TraceParent parse(String value) {
        if (value.length() < LENGTH
                || !isHex(value, 0, 2)
                || value.startsWith("ff")
                || value.charAt(TRACE_ID - 1) != '-'
                || !isId(value, TRACE_ID, SPAN_ID - 1)
                || value.charAt(SPAN_ID - 1) != '-'
                || !isId(value, SPAN_ID, FLAGS - 1)
                || value.charAt(FLAGS - 1) != '-'
                || !isHex(value, FLAGS, LENGTH)) {
            return null;
        }
        boolean longer = value.length() > LENGTH;
        if (longer && (value.startsWith("00") || value.charAt(LENGTH) != '-')) {
            return null;
        }
        int flags = Integer.parseInt(value, FLAGS, LENGTH, 16) & DEFINED_FLAGS;
        return new TraceParent(value.substring(TRACE_ID, SPAN_ID - 1), flags);
    }

    private static boolean isId(String value, int from, int to) {
        return isHex(value, from, to)
                && value.chars().skip(from).limit(to - from).anyMatch(digit -> digit != '0');
    }

    private static boolean isHex(String value, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = value.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /**
     * The request with a new span id in {@code traceparent}, in version 00 (W3C Trace Context §4.3). If the field is
     * invalid or missing, {@code tracestate} is removed, too, so that the receiver begins a trace of its own.
     */
    public static RequestHead passedOn(RequestHead head) {
        Headers headers = head.headers();
        if (!headers.contains(NAME)) {
            return headers.contains(STATE) ? head.withHeaders(headers.without(STATE)) : head;
        }
        TraceParent parent = of(headers);
        return head.withHeaders(
                parent == null
                        ? headers.without(FIELDS)
                        : headers.with(
                                NAME, parent.value(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE))));
    }

    private String value(long spanId) {
        return String.format("00-%s-%016x-%02x", traceId, spanId, flags);
    }
}
