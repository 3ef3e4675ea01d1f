package io.cachingproxy.net;

import org.eclipse.jetty.io.EndPoint;

/** Sockets of connections. */
public final class Sockets {
    private Sockets() {}

    /** The socket below the layers of an endpoint, such as TLS. */
    public static EndPoint of(EndPoint endPoint) {
        EndPoint socket = endPoint;
        while (socket instanceof EndPoint.Wrapper wrapper) {
            socket = wrapper.unwrap();
        }
        return socket;
    }
}
