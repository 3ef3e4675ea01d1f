package io.cachingproxy.jetty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.FieldValues;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * A request as nearly all for stored responses are written: GET or HEAD of a path, one Host, and nothing that concerns the
 * connection, but that it stays, or announces content (RFC 9112 §3).
 *
 * <p>What is read here means the same to Jetty's parser and passes {@link RequestGuard}. All else, whether malformed,
 * incomplete or just not so simple, is not read here at all.
 *
 * @param target the raw path, with {@code ?} and the raw query if there is one
 * @param host the value of Host
 * @param http10 whether it is of HTTP/1.0, so that the response has to say that the connection stays
 * @param end where the next request begins
 */
record SimpleRequest(String method, String target, String host, Headers headers, boolean http10, int end) {
    private static final String LINE_END = "\r\n";
    private static final String HTTP_1_0 = " HTTP/1.0" + LINE_END;
    private static final String HTTP_1_1 = " HTTP/1.1" + LINE_END;
    private static final byte PATH = 1;
    private static final byte QUERY = 2;
    private static final byte NAME = 4;
    private static final byte VALUE = 8;
    private static final byte HOST = 16;

    /** What each byte may be part of. */
    private static final byte[] PART_OF = new byte[256];

    /** The names that are known, as they are mostly spelled, so that they need not be made each time. */
    private static final @Nullable String[] NAMES = new String[512];

    static {
        for (char c = '!'; c <= '~'; c++) {
            boolean letterOrDigit = Character.isLetterOrDigit(c);
            boolean path = letterOrDigit || "-._~!$&'()*+,=:@/%".indexOf(c) >= 0;
            PART_OF[c] = (byte) (VALUE
                    | (path ? PATH : 0)
                    | (path || "?;|[]".indexOf(c) >= 0 ? QUERY : 0)
                    | (FieldValues.isToken(String.valueOf(c)) ? NAME : 0)
                    | (letterOrDigit || ".-".indexOf(c) >= 0 ? HOST : 0));
        }
        PART_OF[' '] = VALUE;
        for (HttpHeader header : HttpHeader.values()) {
            know(header.asString());
            know(header.lowerCaseName());
        }
    }

    private static void know(String name) {
        byte[] bytes = name.getBytes(ISO_8859_1);
        NAMES[slot(bytes, 0, bytes.length)] = name;
    }

    /**
     * Reads the request at the beginning of {@code bytes}, which stay as they are.
     *
     * @param bytes on the heap
     * @param longest how many bytes a request may have
     * @param maxLines how many field lines
     * @return null if it is not a simple one, or not all of it is there
     */
    static @Nullable SimpleRequest read(ByteBuffer bytes, int longest, int maxLines) {
        int from = bytes.arrayOffset() + bytes.position();
        int to = from + Math.min(bytes.remaining(), longest);
        return new Reader(bytes.array(), from, to, maxLines).request();
    }

    private static int slot(byte[] bytes, int start, int end) {
        return (end - start) * 31 + bytes[start] * 7 + bytes[end - 1] * 13 + bytes[(start + end) >>> 1]
                & NAMES.length - 1;
    }

    /** Goes through the bytes once. */
    private static final class Reader {
        private final byte[] bytes;
        private final int to;
        private final int maxLines;
        private int at;
        private String host = "";

        Reader(byte[] bytes, int from, int to, int maxLines) {
            this.bytes = bytes;
            this.at = from;
            this.to = to;
            this.maxLines = maxLines;
        }

        @Nullable
        SimpleRequest request() {
            String method = method();
            if (method == null) {
                return null;
            }
            String target = target();
            if (target == null) {
                return null;
            }
            boolean http10 = starts(HTTP_1_0);
            if (!http10 && !starts(HTTP_1_1)) {
                return null;
            }
            Headers headers = headers(http10);
            return headers == null ? null : new SimpleRequest(method, target, host, headers, http10, at);
        }

        private @Nullable String method() {
            if (starts("GET ")) {
                return "GET";
            }
            return starts("HEAD ") ? "HEAD" : null;
        }

        /** Whether this comes next; then it is behind us. */
        private boolean starts(String word) {
            if (to - at < word.length() || !isAt(word, at)) {
                return false;
            }
            at += word.length();
            return true;
        }

        private @Nullable String target() {
            int start = at;
            if (at == to || bytes[at] != '/' || !path()) {
                return null;
            }
            if (at < to && bytes[at] == '?') {
                at++;
                at = end(QUERY);
            }
            return string(start, at);
        }

        /** Goes to the end of a path without empty or dot segments, whose meaning depends on who reads it. */
        private boolean path() {
            byte before = 0;
            for (; at < to && (PART_OF[bytes[at] & 0xff] & PATH) != 0; at++) {
                byte c = bytes[at];
                if ((before == '/' && (c == '/' || c == '.')) || (c == '%' && !isEscape())) {
                    return false;
                }
                before = c;
            }
            return true;
        }

        /** Whether two digits follow, and they write neither a dot nor a control character. */
        private boolean isEscape() {
            return to - at > 2
                    && Character.digit(bytes[at + 1], 16) > 1
                    && Character.digit(bytes[at + 2], 16) >= 0
                    && !(bytes[at + 1] == '2' && (bytes[at + 2] | 0x20) == 'e');
        }

        private int end(byte part) {
            int end = at;
            while (end < to && (PART_OF[bytes[end] & 0xff] & part) != 0) {
                end++;
            }
            return end;
        }

        private String string(int start, int end) {
            return new String(bytes, start, end - start, ISO_8859_1);
        }

        /** The field lines to the empty one; null if one of them is beyond this reader, or one is missing. */
        private @Nullable Headers headers(boolean http10) {
            Headers.Builder headers = Headers.builder(16);
            boolean stays = !http10;
            for (int lines = 0; at < to; lines++) {
                if (bytes[at] == '\r') {
                    return !host.isEmpty() && stays && starts(LINE_END) ? headers.build() : null;
                }
                int start = at;
                int colon = end(NAME);
                if (lines == maxLines || colon == start || colon == to || bytes[colon] != ':') {
                    return null;
                }
                String name = name(start, colon);
                at = colon + 1;
                String value = value();
                if (!starts(LINE_END)) {
                    return null;
                }
                if (name.length() == 4 && name.equalsIgnoreCase("Host")) {
                    if (!host.isEmpty() || !isHost(value)) {
                        return null;
                    }
                    host = value;
                } else if (name.length() == 10 && name.equalsIgnoreCase("Connection")) {
                    if (!value.equalsIgnoreCase("keep-alive")) {
                        return null;
                    }
                    stays = true;
                } else if (concernsConnection(name)) {
                    return null;
                }
                headers.add(name, value);
            }
            return null;
        }

        private String name(int start, int end) {
            String known = NAMES[slot(bytes, start, end)];
            return known != null && known.length() == end - start && isAt(known, start) ? known : string(start, end);
        }

        private boolean isAt(String word, int start) {
            for (int i = 0; i < word.length(); i++) {
                if (bytes[start + i] != word.charAt(i)) {
                    return false;
                }
            }
            return true;
        }

        /** Goes to the end of a value; without the space around it. */
        private String value() {
            int start = at;
            at = end(VALUE);
            int end = at;
            while (start < end && bytes[start] == ' ') {
                start++;
            }
            while (start < end && bytes[end - 1] == ' ') {
                end--;
            }
            return string(start, end);
        }

        private static boolean concernsConnection(String name) {
            return switch (name.length()) {
                case 2 -> name.equalsIgnoreCase("TE");
                case 6 -> name.equalsIgnoreCase("Expect");
                case 7 -> name.equalsIgnoreCase("Upgrade") || name.equalsIgnoreCase("Trailer");
                case 14 -> name.equalsIgnoreCase("Content-Length") || name.equalsIgnoreCase("HTTP2-Settings");
                case 17 -> name.equalsIgnoreCase("Transfer-Encoding");
                default -> false;
            };
        }

        /** A name or an IPv4 address, with a port or without. */
        private static boolean isHost(String value) {
            int length = value.length();
            int i = 0;
            while (i < length && (PART_OF[value.charAt(i)] & HOST) != 0) {
                i++;
            }
            if (i == 0 || i == length) {
                return i > 0;
            }
            int digits = length - i - 1;
            if (value.charAt(i) != ':' || digits < 1 || digits > 5) {
                return false;
            }
            char first = value.charAt(i + 1);
            if (first == '0' || (digits == 5 && first > '5')) {
                return false;
            }
            for (i++; i < length; i++) {
                if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                    return false;
                }
            }
            return true;
        }
    }
}
