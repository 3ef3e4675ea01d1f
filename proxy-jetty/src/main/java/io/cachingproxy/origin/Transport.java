package io.cachingproxy.origin;

import java.net.InetAddress;

/** Sends requests to one origin in some version of HTTP. */
interface Transport {
    /** Sends a request, and passes the response to the exchange. Always ends the exchange; never throws. */
    void send(Fetch fetch);

    /** Closes idle connections, and each other connection after its response. Requests can still be sent. */
    default void retire() {}

    /** Keeps connections again, after {@link #retire}. */
    default void resume() {}

    /** A transport with the same settings to one address of the origin's name; stopped before this transport. */
    Transport at(InetAddress address);
}
