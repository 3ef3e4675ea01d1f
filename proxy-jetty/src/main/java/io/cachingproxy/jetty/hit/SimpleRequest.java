package io.cachingproxy.jetty.hit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.jetty.front.RequestGuard;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * A request in its usual form: a common method, a path, one Host, no field about the connection except keep-alive, and no
 * content, or content of a known length that has been received together with the head (RFC 9112 §3, §6.2).
 *
 * <p>A request that this parser accepts has the same meaning in Jetty's parser and passes {@link RequestGuard}. All
 * other requests, whether malformed, incomplete or in a less usual form, are left to Jetty.
 *
 * @param target the raw path, with {@code ?} and the raw query if there is one
 * @param host the value of Host
 * @param http10 whether the version is HTTP/1.0, so that the response must announce keep-alive
 * @param length the length of the content in bytes
 * @param end the position of the next request, after the content
 */
public record SimpleRequest(
        String method, String target, String host, Headers headers, boolean http10, int length, int end) {
    private static final String LINE_END = "\r\n";
    private static final String[] WITH_CONTENT = {"POST", "PUT", "PATCH", "DELETE"};
    /** Most digits of the length of content that fits into the buffer of a connection. */
    private static final int MOST_DIGITS = 6;

    private static final String HTTP_1_0 = " HTTP/1.0" + LINE_END;
    private static final String HTTP_1_1 = " HTTP/1.1" + LINE_END;
    private static final byte PATH = 1;
    private static final byte QUERY = 2;
    private static final byte NAME = 4;
    private static final byte VALUE = 8;
    private static final byte HOST = 16;

    /** The character classes of each byte. */
    private static final byte[] PART_OF = new byte[256];

    /** Known field names in their usual spelling, to avoid new strings for each request. */
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
     * Parses the request at the beginning of {@code bytes}, without changing the buffer.
     *
     * @param bytes a heap buffer
     * @param longest maximum length of a request head in bytes
     * @param maxLines maximum number of field lines
     * @return null if the request is not simple, or is incomplete
     */
    static @Nullable SimpleRequest read(ByteBuffer bytes, int longest, int maxLines) {
        int from = bytes.arrayOffset() + bytes.position();
        int to = from + Math.min(bytes.remaining(), longest);
        return new Reader(bytes.array(), from, to, from + bytes.remaining(), maxLines).request();
    }

    /** A copy of the content of the request, which was read at the beginning of {@code bytes}. */
    ByteBuffer content(ByteBuffer bytes) {
        return length == 0 ? BufferUtil.EMPTY_BUFFER : BufferUtil.copy(bytes.slice(end - length, length));
    }

    private static int slot(byte[] bytes, int start, int end) {
        return (end - start) * 31 + bytes[start] * 7 + bytes[end - 1] * 13 + bytes[(start + end) >>> 1]
                & NAMES.length - 1;
    }

    /** A single-pass parser. */
    private static final class Reader {
        private final byte[] bytes;
        /** The end of what may be the head. */
        private final int to;
        /** The end of what has been received. */
        private final int received;

        private final int maxLines;
        private int at;
        private String host = "";
        /** The value of Content-Length; -1 without one. */
        private int length = -1;

        Reader(byte[] bytes, int from, int to, int received, int maxLines) {
            this.bytes = bytes;
            this.at = from;
            this.to = to;
            this.received = received;
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
            if (headers == null || (length >= 0 && (method.equals("GET") || method.equals("HEAD")))) {
                return null;
            }
            int content = Math.max(0, length);
            return content > received - at
                    ? null
                    : new SimpleRequest(method, target, host, headers, http10, content, at + content);
        }

        private @Nullable String method() {
            if (starts("GET ")) {
                return "GET";
            }
            if (starts("HEAD ")) {
                return "HEAD";
            }
            for (String method : WITH_CONTENT) {
                if (starts(method) && starts(" ")) {
                    return method;
                }
            }
            return null;
        }

        /** Consumes {@code word} if it comes next. */
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

        /** Consumes a path without empty or dot segments, which servers interpret differently. */
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

        /** Whether two hex digits follow that encode neither a dot nor a control character. */
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

        /** Parses the field lines up to the empty line; null if a line is not simple, or is missing. */
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
                } else if (name.length() == 14 && name.equalsIgnoreCase("Content-Length")) {
                    if (length >= 0 || !isLength(value)) {
                        return null;
                    }
                    length = Integer.parseInt(value);
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

        /** Consumes a field value; returns it without surrounding whitespace. */
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
                case 14 -> name.equalsIgnoreCase("HTTP2-Settings");
                case 17 -> name.equalsIgnoreCase("Transfer-Encoding");
                default -> false;
            };
        }

        /** Whether {@code value} is a number without sign and leading zeros, and not too large for a buffer. */
        private static boolean isLength(String value) {
            return FieldValues.isDigits(value)
                    && value.length() <= MOST_DIGITS
                    && (value.charAt(0) != '0' || value.length() == 1);
        }

        /** Whether {@code value} is a host name or an IPv4 address, with or without a port. */
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
