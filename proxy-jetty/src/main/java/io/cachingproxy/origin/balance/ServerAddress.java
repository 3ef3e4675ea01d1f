package io.cachingproxy.origin.balance;

import java.net.InetAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A server, or one address of it.
 *
 * @param address an address of the host name of {@code url}; null if its addresses are not told apart
 */
public record ServerAddress(URI url, @Nullable InetAddress address) {
    /** The URL, with the address in parentheses. */
    @Override
    public String toString() {
        return address == null ? url.toString() : url + " (" + address.getHostAddress() + ")";
    }
}
