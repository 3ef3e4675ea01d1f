package io.cachingproxy.jetty.hit;

import io.cachingproxy.http.Headers;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpStatus;

/** Writes the head of an HTTP/1.1 response (RFC 9112 §4, §5) in the same form as Jetty. */
final class HeadWriter {
    private static final int STATUSES = 600;
    private static final byte[][] STATUS_LINES = new byte[STATUSES][];
    private static final int LONGEST_LINE;

    static {
        int longest = 0;
        for (int status = 0; status < STATUSES; status++) {
            STATUS_LINES[status] = line(status);
            longest = Math.max(longest, STATUS_LINES[status].length);
        }
        LONGEST_LINE = longest;
    }

    private HeadWriter() {}

    private static byte[] line(int status) {
        HttpStatus.Code code = HttpStatus.getCode(status);
        return ("HTTP/1.1 " + status + " " + (code == null ? status : code.getMessage()) + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Number of bytes that suffice for a head. */
    static int length(Headers headers, String framing) {
        return LONGEST_LINE + Math.toIntExact(headers.length()) + framing.length() + 2;
    }

    /**
     * Writes a head to the beginning of {@code bytes}.
     *
     * @param framing field lines about connection and content; empty if there are none
     * @return the length in bytes; -1 if the head does not fit, or a field name is invalid
     */
    static int write(int status, Headers headers, String framing, byte[] bytes) {
        byte[] line = status >= 0 && status < STATUSES ? STATUS_LINES[status] : line(status);
        if (line.length + headers.length() + framing.length() + 2 > bytes.length) {
            return -1;
        }
        System.arraycopy(line, 0, bytes, 0, line.length);
        int at = line.length;
        for (int i = 0; i < headers.size(); i++) {
            at = putName(headers.name(i), bytes, at);
            if (at < 0) {
                return -1;
            }
            bytes[at++] = ':';
            bytes[at++] = ' ';
            at = put(headers.value(i), bytes, at);
            bytes[at++] = '\r';
            bytes[at++] = '\n';
        }
        for (int i = 0; i < framing.length(); i++) {
            bytes[at++] = (byte) framing.charAt(i);
        }
        bytes[at++] = '\r';
        bytes[at++] = '\n';
        return at;
    }

    /** Writes a field name; -1 if it has an invalid character. */
    private static int putName(String text, byte[] bytes, int start) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < '!' || c > '~' || c == ':') {
                return -1;
            }
            bytes[start + i] = (byte) c;
        }
        return start + length;
    }

    /** Writes text with a space in place of each character that is invalid in a line. */
    private static int put(String text, byte[] bytes, int start) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            bytes[start + i] = (byte) ((c <= 0xff && c >= ' ') || c == '\t' ? c : ' ');
        }
        return start + length;
    }
}
