package io.cachingproxy.jetty;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.InetAddressSet;

/** IP addresses, in ranges as {@code 10.0.0.0/8} and {@code 2001:db8::/32} or alone. */
public final class AddressRanges {
    /** No address. */
    public static final AddressRanges NONE = new AddressRanges(List.of(), new InetAddressSet());

    /** No name: it would be looked up. */
    private static final Pattern RANGE =
            Pattern.compile("([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?");

    private final List<String> ranges;
    private final InetAddressSet set;

    private AddressRanges(List<String> ranges, InetAddressSet set) {
        this.ranges = ranges;
        this.set = set;
    }

    /**
     * Ranges with commas between.
     *
     * @throws IllegalArgumentException if one is none; the message is one line
     */
    public static AddressRanges parse(String text) {
        List<String> ranges =
                List.of(text.split(",", -1)).stream().map(String::strip).toList();
        InetAddressSet set = new InetAddressSet();
        for (String range : ranges) {
            if (!RANGE.matcher(range).matches()) {
                throw none(range);
            }
            try {
                set.add(range);
            } catch (IllegalArgumentException e) {
                throw none(range);
            }
        }
        return new AddressRanges(ranges, set);
    }

    private static IllegalArgumentException none(String range) {
        return new IllegalArgumentException(
                "'" + range + "' is not an address range: such as 10.0.0.0/8, 192.0.2.1 or ::1");
    }

    /** Whether there is no address in them. */
    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** Whether {@code address} is in one of them. */
    public boolean contains(InetAddress address) {
        return !ranges.isEmpty() && set.test(address);
    }

    /** The same for the address of a peer; false if it is not one over IP. */
    public boolean contains(SocketAddress peer) {
        return peer instanceof InetSocketAddress ip && ip.getAddress() != null && contains(ip.getAddress());
    }

    @Override
    public String toString() {
        return String.join(",", ranges);
    }
}
