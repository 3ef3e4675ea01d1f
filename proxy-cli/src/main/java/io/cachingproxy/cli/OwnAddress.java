package io.cachingproxy.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;

/** Detects an origin that is the listener of this instance itself, in any spelling of the host. */
final class OwnAddress {
    private OwnAddress() {}

    /**
     * Whether connections to {@code origin} reach the listener.
     *
     * @param host the address of the listener
     * @param port the port of the listener; 0 (any free port) never matches an origin
     */
    static boolean isReachedBy(URI origin, String host, int port) {
        if (port(origin) != port) {
            return false;
        }
        try {
            InetAddress own = InetAddress.getByName(host);
            for (InetAddress address : InetAddress.getAllByName(origin.getHost())) {
                if (isReachedBy(address, own)) {
                    return true;
                }
            }
            return false;
        } catch (IOException unknown) { // the name may resolve later
            return false;
        }
    }

    private static boolean isReachedBy(InetAddress address, InetAddress own) throws IOException {
        if (own.isAnyLocalAddress()) {
            return address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        }
        return address.equals(own) || (address.isAnyLocalAddress() && own.isLoopbackAddress());
    }

    private static int port(URI origin) {
        if (origin.getPort() >= 0) {
            return origin.getPort();
        }
        return origin.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }
}
