package io.cachingproxy.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/** Known field names in their usual spelling, to avoid a new string for each field line. */
final class FieldNames {
    private static final @Nullable String[] KNOWN = new String[1024];

    static {
        for (HttpHeader header : HttpHeader.values()) {
            know(header.lowerCaseName());
        }
        for (HttpHeader header : HttpHeader.values()) {
            know(header.asString());
        }
    }

    private FieldNames() {}

    private static void know(String name) {
        byte[] bytes = name.getBytes(ISO_8859_1);
        KNOWN[slot(bytes, 0, bytes.length)] = name;
    }

    /** The name in the bytes from {@code start} to {@code end}, at least one byte. */
    static String of(byte[] bytes, int start, int end) {
        String known = KNOWN[slot(bytes, start, end)];
        return known != null && is(known, bytes, start, end)
                ? known
                : new String(bytes, start, end - start, ISO_8859_1);
    }

    private static boolean is(String name, byte[] bytes, int start, int end) {
        if (name.length() != end - start) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) != bytes[start + i]) {
                return false;
            }
        }
        return true;
    }

    private static int slot(byte[] bytes, int start, int end) {
        int hash = (end - start) * 31 + bytes[start] * 7 + bytes[end - 1] * 13 + bytes[(start + end) >>> 1] * 3;
        return hash & KNOWN.length - 1;
    }
}
