package io.cachingproxy.jetty;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.InetAddressSet;
import org.jspecify.annotations.Nullable;

/** Ranges of IP addresses, such as {@code 10.0.0.0/8,::1}: who may do what others may not. */
public final class AddressRanges {
    /** An address as digits, with or without the length of its prefix: a name would have to be looked up. */
    private static final Pattern FORM =
            Pattern.compile("(\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]*)(/\\d{1,3})?");

    private final InetAddressSet ranges = new InetAddressSet();
    private final String text;

    private AddressRanges(String text) {
        this.text = text;
    }

    /**
     * Reads ranges in CIDR notation and single addresses, separated by commas.
     *
     * @throws IllegalArgumentException in one sentence, which of them is none
     */
    public static AddressRanges parse(String text) {
        AddressRanges parsed = new AddressRanges(text);
        for (String range : text.split(",", -1)) {
            parsed.add(range.strip());
        }
        return parsed;
    }

    private void add(String range) {
        try {
            if (FORM.matcher(range).matches()) {
                ranges.add(range);
                return;
            }
        } catch (IllegalArgumentException refused) { // what is wrong with it is said below
        }
        throw new IllegalArgumentException("'" + range + "' is not a range of addresses such as 10.0.0.0/8 or ::1");
    }

    /** Whether this is an IP address in one of the ranges. */
    public boolean contain(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress internet && contain(internet.getAddress());
    }

    private boolean contain(@Nullable InetAddress address) {
        return address != null && ranges.test(address);
    }

    @Override
    public String toString() {
        return text;
    }
}
