package io.cachingproxy.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** HTTP/1.1 as bytes, for both ends. */
final class Wire {
    private Wire() {}

    /** A body, and the trailer section after it. */
    record Body(byte[] bytes, String trailers) {}

    /** Everything up to the first empty line; what there is if the connection ends before. */
    static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int end = 0;
        while (end < 4) {
            int b = in.read();
            if (b < 0) {
                break;
            }
            head.write(b);
            end = b == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : b == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    static List<String> values(String head, String name) {
        String prefix = name.toLowerCase(java.util.Locale.ROOT) + ":";
        return head.lines()
                .skip(1)
                .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .toList();
    }

    /** The body that {@code head} announces: throws if the connection ends before the framing does. */
    static Body body(InputStream in, String head, boolean untilClose) throws IOException {
        List<String> length = values(head, "Content-Length");
        if (values(head, "Transfer-Encoding").contains("chunked")) {
            return chunked(in);
        }
        if (length.isEmpty()) {
            return new Body(untilClose ? in.readAllBytes() : new byte[0], "");
        }
        return new Body(exactly(in, Integer.parseInt(length.get(0))), "");
    }

    static byte[] exactly(InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("only " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    private static Body chunked(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            if (size == 0) {
                return new Body(body.toByteArray(), trailers(in));
            }
            body.write(exactly(in, size));
            line(in);
        }
    }

    private static String trailers(InputStream in) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            lines.append(line).append('\n');
        }
        return lines.toString();
    }

    /** One line, without its CRLF. */
    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int b;
        while ((b = in.read()) != '\n') {
            if (b < 0) {
                throw new EOFException("the connection ended in a line");
            }
            line.append((char) b);
        }
        return line.substring(0, Math.max(0, line.length() - 1));
    }
}
