package io.cachingproxy.testkit;

/** Frames of HTTP/2 as a client sends them (RFC 9113 §4.1), well-formed or not; each char is one byte. */
public final class Http2Frames {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int ACK = 1;
    public static final int END_HEADERS = 4;

    /** What a connection begins with, before the first SETTINGS. */
    public static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    /** How a proper client begins. */
    public static final String HELLO = PREFACE + frame(SETTINGS, 0, 0, "") + frame(SETTINGS, ACK, 0, "");

    private Http2Frames() {}

    /** One frame with that payload. */
    public static String frame(int type, int flags, int stream, String payload) {
        String length = new String(new char[] {0, high(payload.length()), low(payload.length())});
        return length + (char) type + (char) flags + integer(stream) + payload;
    }

    /** A request without content. */
    public static String asking(int stream, String path) {
        return frame(HEADERS, END_HEADERS | END_STREAM, stream, head("GET", path));
    }

    /** The header block of a request, not compressed (RFC 7541 §6.2.2). */
    public static String head(String method, String path) {
        return literal(":method", method)
                + literal(":scheme", "http")
                + literal(":authority", "proxy")
                + literal(":path", path);
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
