package io.cachingproxy.origin;

import io.cachingproxy.http.AddressRanges;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;

/** Looks up the addresses of a host name. May block. */
@FunctionalInterface
public interface NameResolver {
    /**
     * The resolver of the JVM. It keeps addresses for the time in the security property {@code networkaddress.cache.ttl}, by
     * default 30 s.
     */
    NameResolver JVM = name -> List.of(InetAddress.getAllByName(name));

    /**
     * The addresses of a name, in any order.
     *
     * @throws UnknownHostException if the name is unknown, or cannot be looked up
     */
    List<InetAddress> addresses(String name) throws UnknownHostException;

    /** Whether the host of a URL is a name, not an address. */
    static boolean isName(URI url) {
        return !url.getHost().startsWith("[") && AddressRanges.literal(url.getHost()) == null;
    }
}
