package io.cachingproxy.origin;

import io.cachingproxy.http.Headers;
import java.nio.ByteBuffer;

/** Writes the head of an HTTP/1.1 request (RFC 9112 §3, §5), with method and target unchanged. */
final class RequestHeadWriter {
    private static final String VERSION = " HTTP/1.1\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
    private static final String LENGTH = "Content-Length: ";
    private static final int MOST_DIGITS = 20;

    private final byte[] bytes;
    private int at;

    private RequestHeadWriter(int longest) {
        bytes = new byte[longest];
    }

    /** The framing of the request content. */
    enum Framing {
        /** No content, and no framing field. */
        NONE,
        COUNTED,
        CHUNKED
    }

    /**
     * Writes a head.
     *
     * @param host the value of Host
     * @param length the length of the content in bytes, for {@link Framing#COUNTED}
     * @throws IllegalArgumentException if the method, the target, the host or a field name has an invalid character
     */
    static ByteBuffer write(String method, String target, String host, Headers headers, Framing framing, long length) {
        int longest = method.length() + target.length() + host.length() + (int) headers.length() + 64 + MOST_DIGITS;
        RequestHeadWriter head = new RequestHeadWriter(longest);
        head.word(method).put(" ").word(target).put(VERSION);
        head.put("Host: ").word(host).put("\r\n");
        for (int i = 0; i < headers.size(); i++) {
            head.name(headers.name(i)).put(": ").value(headers.value(i)).put("\r\n");
        }
        if (framing == Framing.COUNTED) {
            head.put(LENGTH).put(Long.toString(length)).put("\r\n");
        } else if (framing == Framing.CHUNKED) {
            head.put(CHUNKED);
        }
        head.put("\r\n");
        return ByteBuffer.wrap(head.bytes, 0, head.at);
    }

    private RequestHeadWriter put(String constant) {
        int length = constant.length();
        for (int i = 0; i < length; i++) {
            bytes[at++] = (byte) constant.charAt(i);
        }
        return this;
    }

    /** Writes a word of the request line, in which an invalid character cannot be replaced. */
    private RequestHeadWriter word(String word) {
        int length = word.length();
        for (int i = 0; i < length; i++) {
            char c = word.charAt(i);
            if (c <= ' ' || c == 0x7f || c > 0xff) {
                throw new IllegalArgumentException("a request line that cannot be sent");
            }
            bytes[at++] = (byte) c;
        }
        return this;
    }

    private RequestHeadWriter name(String name) {
        int length = name.length();
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (c < '!' || c > '~' || c == ':') {
                throw new IllegalArgumentException("a field name that cannot be sent");
            }
            bytes[at++] = (byte) c;
        }
        return this;
    }

    /** Writes a field value, with a space in place of each invalid character. */
    private RequestHeadWriter value(String value) {
        int length = value.length();
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            bytes[at++] = (byte) ((c <= 0xff && c >= ' ' && c != 0x7f) || c == '\t' ? c : ' ');
        }
        return this;
    }
}
