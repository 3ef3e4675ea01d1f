package io.cachingproxy.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.FieldValues;
import java.net.ProtocolException;

/**
 * Strict parser of a complete HTTP/1.1 response head or trailer section (RFC 9112 §4, §5). Refuses every syntax that two
 * implementations could parse differently: lines that do not end in CRLF, line folding, control characters, whitespace
 * around a field name.
 */
final class ResponseHeadParser {
    private static final byte NAME = 1;
    private static final byte VALUE = 2;

    /** The character classes of each byte. */
    private static final byte[] PART_OF = new byte[256];

    static {
        for (int c = 0; c < PART_OF.length; c++) {
            boolean value = c == '\t' || (c >= ' ' && c != 0x7f);
            boolean name = c < 0x7f && FieldValues.isToken(String.valueOf((char) c));
            PART_OF[c] = (byte) ((name ? NAME : 0) | (value ? VALUE : 0));
        }
    }

    private static final String VERSION = "HTTP/1.";
    private static final int FIRST_MINOR_VERSION = '0';
    private static final int LAST_MINOR_VERSION = '1';
    private static final int TLS_ALERT = 21;

    private final byte[] bytes;
    private final int to;
    private int at;

    /**
     * A parser.
     *
     * @param to the end of the empty line
     */
    ResponseHeadParser(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.to = to;
    }

    /** Refuses input that cannot be the beginning of a status line. */
    static void checkBeginning(byte[] bytes, int length) throws ProtocolException {
        for (int i = 0; i < Math.min(length, VERSION.length()); i++) {
            if (bytes[i] != VERSION.charAt(i)) {
                throw new ProtocolException(
                        i == 0 && bytes[0] == TLS_ALERT // RFC 8446 §5.1
                                ? "a TLS alert; if the origin speaks TLS, use https://"
                                : "not a response of HTTP/1.1");
            }
        }
    }

    /** Parses the version: true for HTTP/1.1, false for HTTP/1.0. */
    boolean version() throws ProtocolException {
        checkBeginning(bytes, to);
        at += VERSION.length();
        int minor = next();
        if (minor < FIRST_MINOR_VERSION || minor > LAST_MINOR_VERSION || next() != ' ') {
            throw new ProtocolException("not a version of HTTP that is spoken here");
        }
        return minor == LAST_MINOR_VERSION;
    }

    /** Parses the status and the rest of the status line. */
    int status() throws ProtocolException {
        int status = 0;
        for (int i = 0; i < 3; i++) {
            int digit = next() - '0';
            if (digit < 0 || digit > 9) {
                throw new ProtocolException("not a status of three digits");
            }
            status = status * 10 + digit;
        }
        if (status < 100) {
            throw new ProtocolException("status " + status);
        }
        if (bytes[at] != '\r' && next() != ' ') {
            throw new ProtocolException("not a status of three digits");
        }
        while ((PART_OF[bytes[at] & 0xff] & VALUE) != 0 && bytes[at] != '\t') {
            at++;
        }
        endLine();
        return status;
    }

    private int next() {
        return bytes[at++];
    }

    private void endLine() throws ProtocolException {
        if (at + 1 >= to || bytes[at] != '\r' || bytes[at + 1] != '\n') {
            throw new ProtocolException("a control byte in a line");
        }
        at += 2;
    }

    /**
     * Parses the field lines up to the empty line.
     *
     * @param maxLines maximum number of field lines
     * @param what the kind of lines, for the error message
     */
    Headers fields(int maxLines, String what) throws ProtocolException {
        Headers.Builder fields = Headers.builder(16);
        for (int lines = 0; bytes[at] != '\r'; lines++) {
            if (lines == maxLines) {
                throw new ProtocolException("too many " + what + " lines");
            }
            int start = at;
            while ((PART_OF[bytes[at] & 0xff] & NAME) != 0) {
                at++;
            }
            if (at == start || bytes[at] != ':') {
                throw new ProtocolException("a line without a field name");
            }
            String name = FieldNames.of(bytes, start, at++);
            fields.add(name, value());
            endLine();
        }
        endLine();
        return fields.build();
    }

    private String value() {
        while (isSpace(bytes[at])) {
            at++;
        }
        int start = at;
        while ((PART_OF[bytes[at] & 0xff] & VALUE) != 0) {
            at++;
        }
        int end = at;
        while (end > start && isSpace(bytes[end - 1])) {
            end--;
        }
        return new String(bytes, start, end - start, ISO_8859_1);
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || c == '\t';
    }
}
