package io.cachingproxy.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A set of IP addresses: ranges such as {@code 10.0.0.0/8} and {@code 2001:db8::/32} (RFC 4632 §3.1, RFC 4291 §2.3) and
 * single addresses. An IPv4 address mapped to IPv6, such as {@code ::ffff:10.0.0.1}, is treated as that IPv4 address.
 * Immutable.
 */
public final class AddressRanges {
    /** The empty set. */
    public static final AddressRanges NONE = new AddressRanges(List.of(), List.of());

    /** The syntax of an address or a range. Host names are refused, because they would be looked up. */
    private static final Pattern RANGE =
            Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:/([0-9]{1,3}))?");

    /** The bits before an IPv4 address that is mapped to IPv6 (RFC 4291 §2.5.5.2). */
    private static final int MAPPED_BITS = 96;

    private final List<String> texts;
    private final List<Range> ranges;

    private AddressRanges(List<String> texts, List<Range> ranges) {
        this.texts = texts;
        this.ranges = ranges;
    }

    /**
     * Parses ranges separated by commas.
     *
     * @throws IllegalArgumentException if one is none, or has bits beyond its prefix; the message is one line
     */
    public static AddressRanges parse(String text) {
        return of(List.of(text.split(",", -1)));
    }

    /**
     * Parses ranges; the set contains the addresses of all of them.
     *
     * @throws IllegalArgumentException if one is none, or has bits beyond its prefix; the message is one line
     */
    public static AddressRanges of(List<String> texts) {
        List<String> stripped = texts.stream().map(String::strip).toList();
        List<Range> ranges = new ArrayList<>();
        for (String text : stripped) {
            Range range = Range.parse(text);
            if (range == null) {
                throw new IllegalArgumentException(
                        "'" + text + "' is not an address range: such as 10.0.0.0/8, 192.0.2.1 or ::1");
            }
            ranges.add(range);
        }
        return new AddressRanges(stripped, List.copyOf(ranges));
    }

    /** Parses an address with or without a port; null if {@code text} is none. Names are not looked up. */
    public static @Nullable InetAddress literal(String text) {
        String bare = text.strip().replaceFirst("^\\[([^]]*)](?::[0-9]+)?$", "$1");
        boolean port = bare.indexOf(':') >= 0 && bare.indexOf(':') == bare.lastIndexOf(':');
        String address = port ? bare.substring(0, bare.indexOf(':')) : bare;
        if (address.indexOf('/') >= 0 || !RANGE.matcher(address).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException noAddress) {
            return null;
        }
    }

    /** Whether the set is empty. */
    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** Whether the set contains {@code address}. */
    public boolean contains(InetAddress address) {
        if (ranges.isEmpty()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).contains(bytes)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the set contains the address of a peer; false if the peer is not connected over IP. */
    public boolean contains(SocketAddress peer) {
        return peer instanceof InetSocketAddress ip && ip.getAddress() != null && contains(ip.getAddress());
    }

    @Override
    public String toString() {
        return String.join(",", texts);
    }

    /** The addresses of one family that begin with the first {@code prefix} bits of {@code network}. */
    private static final class Range {
        private final byte[] network;
        private final int prefix;

        private Range(byte[] network, int prefix) {
            this.network = network;
            this.prefix = prefix;
        }

        static @Nullable Range parse(String text) {
            Matcher matcher = RANGE.matcher(text);
            byte[] network = matcher.matches() ? address(matcher.group(1)) : null;
            if (network == null) {
                return null;
            }
            int bits = 8 * network.length;
            int prefix = bits;
            if (matcher.group(2) != null) {
                boolean mapped = bits == 32 && matcher.group(1).contains(":");
                prefix = Integer.parseInt(matcher.group(2)) - (mapped ? MAPPED_BITS : 0);
            }
            boolean aligned = prefix >= 0 && prefix <= bits && isZeroFrom(network, prefix);
            return aligned ? new Range(network, prefix) : null;
        }

        private static byte @Nullable [] address(String text) {
            if (!text.contains(":") && !isDottedQuad(text)) {
                return null;
            }
            try { // never looked up: an address of four numbers up to 255, or one in brackets
                return InetAddress.getByName(text.contains(":") ? '[' + text + ']' : text)
                        .getAddress();
            } catch (UnknownHostException e) {
                return null;
            }
        }

        private static boolean isDottedQuad(String text) {
            for (String number : text.split("\\.", -1)) {
                if (Integer.parseInt(number) > 255) {
                    return false;
                }
            }
            return true;
        }

        private static boolean isZeroFrom(byte[] address, int prefix) {
            for (int bit = prefix; bit < 8 * address.length; bit++) {
                if ((address[bit / 8] & (0x80 >> bit % 8)) != 0) {
                    return false;
                }
            }
            return true;
        }

        boolean contains(byte[] address) {
            if (address.length != network.length) {
                return false;
            }
            int whole = prefix / 8;
            for (int i = 0; i < whole; i++) {
                if (address[i] != network[i]) {
                    return false;
                }
            }
            int rest = prefix % 8;
            return rest == 0 || (address[whole] ^ network[whole]) >> (8 - rest) == 0;
        }
    }
}
