package io.cachingproxy.attack;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 message as it came over the wire, one char a byte.
 *
 * @param head start line and fields, without the empty line
 * @param body without its framing
 */
record Message(String head, String body) {
    /** The next request, or null if there is none any more. */
    static @Nullable Message request(InputStream in) throws IOException {
        String head = head(in);
        return head == null ? null : new Message(head, body(in, head, false));
    }

    /** The next response, interim or final. */
    static Message response(InputStream in, boolean toHead) throws IOException {
        String head = head(in);
        if (head == null) {
            throw new EOFException("no response");
        }
        Message message = new Message(head, "");
        boolean bodiless = toHead || message.status() < 200 || message.status() == 204 || message.status() == 304;
        return bodiless ? message : new Message(head, body(in, head, true));
    }

    private static @Nullable String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                if (head.isEmpty()) {
                    return null;
                }
                throw new EOFException("ends within a head: " + head);
            }
            head.append((char) next);
        }
        return head.substring(0, head.length() - 4);
    }

    private static String body(InputStream in, String head, boolean untilTheEnd) throws IOException {
        Message message = new Message(head, "");
        if (message.field("Transfer-Encoding").equals("chunked")) {
            return chunks(in);
        }
        String length = message.field("Content-Length");
        if (length.isEmpty()) {
            return untilTheEnd ? text(in.readAllBytes()) : "";
        }
        return exactly(in, Integer.parseInt(length));
    }

    private static String chunks(InputStream in) throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            body.append(exactly(in, size));
            String end = line(in);
            if (!end.isEmpty()) {
                throw new IOException("not the end of a chunk: " + end);
            }
            if (size == 0) {
                return body.toString();
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("ends within a line: " + line);
            }
            line.append((char) next);
        }
        return line.toString().stripTrailing();
    }

    private static String exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("ends after " + bytes.length + " of " + length + " bytes");
        }
        return text(bytes);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    String startLine() {
        return head.lines().findFirst().orElse("");
    }

    /** The status of a response. */
    int status() {
        return Integer.parseInt(startLine().split(" ")[1]);
    }

    /** The values of all lines of that name. */
    List<String> all(String name) {
        String start = name.toLowerCase() + ":";
        return head.lines()
                .skip(1)
                .filter(line -> line.toLowerCase().startsWith(start))
                .map(line -> line.substring(start.length()).strip())
                .toList();
    }

    /** The value of the first line of that name; empty without one. */
    String field(String name) {
        return all(name).stream().findFirst().orElse("");
    }
}
