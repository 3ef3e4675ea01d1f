package io.cachingproxy.jetty.front;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.Headers;
import java.net.InetAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** {@link Forwarding} by the scheme of the client's connection. */
public record Forwardings(Forwarding plain, Forwarding secure) {
    /** The same settings for both schemes; see {@link Forwarding}. */
    public static Forwardings of(@Nullable AddressRanges trusted, boolean passAmbiguous) {
        return new Forwardings(
                new Forwarding(trusted, "http", passAmbiguous), new Forwarding(trusted, "https", passAmbiguous));
    }

    /** The address of the client; see {@link Forwarding#client}. */
    public @Nullable InetAddress client(SocketAddress peer, Headers accepted) {
        return plain.client(peer, accepted);
    }

    /** @param isSecure whether the connection uses TLS */
    public Forwarding of(boolean isSecure) {
        return isSecure ? secure : plain;
    }
}
