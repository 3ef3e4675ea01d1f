package io.cachingproxy.testkit;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Frames of HTTP/2 (RFC 9113 §4.1) as a client sends them, well-formed or not, each char one byte; and as it gets them. */
public final class Http2Frames {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GO_AWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int ACK = 1;
    public static final int END_HEADERS = 4;

    /** What a connection begins with, before the first SETTINGS. */
    public static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    /** How a proper client begins. */
    public static final String HELLO = PREFACE + frame(SETTINGS, 0, 0, "") + frame(SETTINGS, ACK, 0, "");

    /** The same, with windows of a gigabyte for each response and for all. */
    public static final String HUNGRY_HELLO = PREFACE
            + frame(SETTINGS, 0, 0, "\0\4" + integer(1 << 30))
            + frame(SETTINGS, ACK, 0, "")
            + frame(WINDOW_UPDATE, 0, 0, integer(1 << 30));

    /** A frame as it came. */
    public record Frame(int type, int flags, int stream, byte[] payload) {
        public boolean is(int wanted, int flag) {
            return type == wanted && (flags & flag) != 0;
        }
    }

    private Http2Frames() {}

    /** The next frame; throws if the connection ends before it does. */
    public static Frame read(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        int length = data.readUnsignedShort() << 8 | data.readUnsignedByte();
        int type = data.readUnsignedByte();
        int flags = data.readUnsignedByte();
        int stream = data.readInt();
        byte[] payload = new byte[length];
        data.readFully(payload);
        return new Frame(type, flags, stream, payload);
    }

    /** One frame with that payload. */
    public static String frame(int type, int flags, int stream, String payload) {
        String length = new String(new char[] {0, high(payload.length()), low(payload.length())});
        return length + (char) type + (char) flags + integer(stream) + payload;
    }

    /** A request without content. */
    public static String asking(int stream, String path) {
        return frame(HEADERS, END_HEADERS | END_STREAM, stream, head("GET", path));
    }

    /** The header block of a request, not compressed (RFC 7541 §6.2.2), with names and values of fields in turn. */
    public static String head(String method, String path, String... fields) {
        StringBuilder head = new StringBuilder(head(method, path));
        for (int i = 0; i < fields.length; i += 2) {
            head.append(literal(fields[i], fields[i + 1]));
        }
        return head.toString();
    }

    /** The header block of a request, not compressed (RFC 7541 §6.2.2). */
    public static String head(String method, String path) {
        return literal(":method", method)
                + literal(":scheme", "http")
                + literal(":authority", "proxy")
                + literal(":path", path);
    }

    /** A header block of these names and values, not compressed. */
    public static String block(String... namesAndValues) {
        StringBuilder block = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.append(literal(namesAndValues[i], namesAndValues[i + 1]));
        }
        return block.toString();
    }

    /** Resets a stream with CANCEL. */
    public static String reset(int stream) {
        return frame(RST_STREAM, 0, stream, integer(8));
    }

    /** Four bytes, the highest first. */
    public static String integer(int value) {
        return new String(new char[] {high(value >> 16), low(value >> 16), high(value), low(value)});
    }

    private static char high(int value) {
        return (char) (value >> 8 & 0xFF);
    }

    private static char low(int value) {
        return (char) (value & 0xFF);
    }

    private static String literal(String name, String value) {
        return "\0" + (char) name.length() + name + (char) value.length() + value;
    }
}
