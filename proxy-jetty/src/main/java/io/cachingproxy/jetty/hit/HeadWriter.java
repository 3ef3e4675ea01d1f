package io.cachingproxy.jetty.hit;

import io.cachingproxy.http.Headers;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** Writes the head of an HTTP/1.1 response (RFC 9112 §4, §5) in the same form as Jetty. */
final class HeadWriter {
    private static final int STATUSES = 600;
    private static final byte[] @Nullable [] STATUS_LINES = new byte[STATUSES][];

    static {
        for (int status = 200; status < STATUSES; status++) {
            HttpStatus.Code code = HttpStatus.getCode(status);
            if (code != null) {
                STATUS_LINES[status] =
                        ("HTTP/1.1 " + status + " " + code.getMessage() + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            }
        }
    }

    private HeadWriter() {}

    /**
     * Writes a head to the beginning of {@code bytes}.
     *
     * @return the length in bytes; -1 if the head does not fit, the status has no reason phrase, or a field name is
     *     invalid
     */
    static int write(int status, Headers headers, byte[] bytes) {
        byte[] line = status < STATUSES ? STATUS_LINES[status] : null;
        if (line == null || line.length + headers.length() + 2 > bytes.length) {
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
