package io.cachingproxy.jetty.front;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The PROXY protocol header, version 1 (text) or 2 (binary), at the beginning of a connection from a proxy. Parsed
 * strictly by its specification: addresses are literals without leading zeros, and there are no DNS lookups.
 *
 * @param length the length of the header in bytes
 * @param client the source address of the connection; null: the connection is the proxy's own
 * @param server the destination address; null if {@code client} is null
 */
record ProxyHeader(
        int length,
        @Nullable InetSocketAddress client,
        @Nullable InetSocketAddress server) {
    /** Maximum length of a header in bytes. */
    static final int LONGEST = 1024;

    private static final int LONGEST_LINE = 107;
    private static final String LINE = "PROXY ";
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    private static final int FIXED = 16;

    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int UNSPECIFIED = 0x00;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;
    private static final int UNIX_STREAM = 0x31;

    private static final String NUMBER = "(0|[1-9][0-9]{0,2})";
    private static final Pattern IPV4 = Pattern.compile(NUMBER + "(\\." + NUMBER + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:]*:([0-9A-Fa-f]*|" + IPV4 + ")");
    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");

    /**
     * Parses the header at the beginning of {@code bytes}; null if it is incomplete.
     *
     * @throws ProtocolException if {@code bytes} do not begin with a valid header
     */
    static @Nullable ProxyHeader read(ByteBuffer bytes) throws ProtocolException {
        boolean binary = bytes.hasRemaining() && bytes.get(bytes.position()) == SIGNATURE.charAt(0);
        String start = binary ? SIGNATURE : LINE;
        int known = Math.min(start.length(), bytes.remaining());
        check(text(bytes, known).equals(start.substring(0, known)));
        if (known < start.length()) {
            return null;
        }
        return binary ? binary(bytes) : line(bytes);
    }

    private static @Nullable ProxyHeader line(ByteBuffer bytes) throws ProtocolException {
        String text = text(bytes, Math.min(LONGEST_LINE, bytes.remaining()));
        int end = text.indexOf('\n');
        if (end < 0) {
            check(text.length() < LONGEST_LINE);
            return null;
        }
        check(text.indexOf('\r') == end - 1);
        String[] words = text.substring(LINE.length(), end - 1).split(" ", -1);
        if (words[0].equals("UNKNOWN")) {
            return new ProxyHeader(end + 1, null, null);
        }
        check(words.length == 5 && (words[0].equals("TCP4") || words[0].equals("TCP6")));
        Pattern address = words[0].equals("TCP4") ? IPV4 : IPV6;
        check(address.matcher(words[1]).matches() && address.matcher(words[2]).matches());
        return new ProxyHeader(end + 1, socket(words[1], words[3]), socket(words[2], words[4]));
    }

    private static InetSocketAddress socket(String address, String port) throws ProtocolException {
        check(PORT.matcher(port).matches() && Integer.parseInt(port) <= 0xffff);
        try {
            return new InetSocketAddress(InetAddress.getByName(address), Integer.parseInt(port));
        } catch (UnknownHostException none) {
            throw malformed();
        }
    }

    private static @Nullable ProxyHeader binary(ByteBuffer bytes) throws ProtocolException {
        if (bytes.remaining() < FIXED) {
            return null;
        }
        int at = bytes.position() + SIGNATURE.length();
        int command = bytes.get(at) & 0xff;
        int family = bytes.get(at + 1) & 0xff;
        int rest = bytes.getShort(at + 2) & 0xffff;
        check((command == LOCAL || command == PROXY) && FIXED + rest <= LONGEST);
        if (bytes.remaining() < FIXED + rest) {
            return null;
        }
        if (command == LOCAL || family == UNSPECIFIED || family == UNIX_STREAM) {
            return new ProxyHeader(FIXED + rest, null, null);
        }
        check(family == TCP4 || family == TCP6);
        int size = family == TCP4 ? 4 : 16;
        check(rest >= 2 * size + 4);
        ByteBuffer fields = bytes.duplicate().position(at + 4);
        byte[] client = new byte[size];
        byte[] server = new byte[size];
        fields.get(client).get(server);
        return new ProxyHeader(FIXED + rest, socket(client, fields.getShort()), socket(server, fields.getShort()));
    }

    private static InetSocketAddress socket(byte[] address, short port) throws ProtocolException {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port & 0xffff);
        } catch (UnknownHostException impossible) { // it has 4 or 16 bytes
            throw malformed();
        }
    }

    private static String text(ByteBuffer bytes, int length) {
        byte[] text = new byte[length];
        bytes.duplicate().get(text);
        return new String(text, ISO_8859_1);
    }

    private static void check(boolean holds) throws ProtocolException {
        if (!holds) {
            throw malformed();
        }
    }

    private static ProtocolException malformed() {
        return new ProtocolException("no header of the PROXY protocol");
    }
}
