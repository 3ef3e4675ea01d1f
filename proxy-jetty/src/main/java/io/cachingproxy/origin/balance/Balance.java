package io.cachingproxy.origin.balance;

import io.cachingproxy.http.RequestHead;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** The algorithm that chooses a server for a request. All respect weights. */
public sealed interface Balance {
    /** One after the other; heavier servers more often, spread evenly. */
    record RoundRobin() implements Balance {}

    /** Of two servers that are chosen at random, the one with fewer requests under way. */
    record LeastRequests() implements Balance {}

    /** Any server. */
    record Random() implements Balance {}

    /**
     * The same server for the same value, as long as it is available: rendezvous hashing, by which a server that comes or
     * goes changes the server of no other value than its own. Requests without the value go to any server.
     */
    record Hash(HashOn on) implements Balance {}

    /** The value of a request that {@link Hash} goes by. */
    sealed interface HashOn {
        /** Path and query. */
        record Path() implements HashOn {}

        /** The client's address. */
        record Client() implements HashOn {}

        /** The first line of a header field. */
        record Header(String name) implements HashOn {}

        /** A cookie. */
        record Cookie(String name) implements HashOn {}

        /** The value; null if the request has none. */
        default @Nullable String of(RequestHead request, @Nullable InetAddress client) {
            if (this instanceof Client) {
                return client == null ? null : client.getHostAddress();
            }
            if (this instanceof Header header) {
                return request.headers().first(header.name());
            }
            if (this instanceof Cookie cookie) {
                return cookie(request, cookie.name());
            }
            return request.target().pathAndQuery();
        }
    }

    private static @Nullable String cookie(RequestHead request, String name) {
        for (String line : request.headers().all("Cookie")) {
            for (String pair : line.split(";")) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                    return pair.substring(equals + 1).strip();
                }
            }
        }
        return null;
    }
}
