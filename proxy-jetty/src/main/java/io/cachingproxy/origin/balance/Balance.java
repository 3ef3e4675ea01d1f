package io.cachingproxy.origin.balance;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.fields.Cookies;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The load balancing algorithm of an origin. All algorithms respect server weights. */
public sealed interface Balance {
    /** Smooth weighted round-robin: servers take turns, and the turns of heavier servers are spread evenly. */
    record RoundRobin() implements Balance {}

    /** Two random choices: of two servers picked at random, the one with fewer requests in flight for its weight. */
    record LeastRequests() implements Balance {}

    /** A random server. */
    record Random() implements Balance {}

    /**
     * Rendezvous hashing: the same server for the same value, as long as the server is available. A server that is added
     * or removed moves only the values of that server. Requests without the value go to a random server.
     */
    record Hash(HashOn on) implements Balance {}

    /** Whether the choice depends on the client's address. */
    default boolean needsClient() {
        return this instanceof Hash hash && hash.on() instanceof HashOn.Client;
    }

    /** The part of a request that {@link Hash} hashes. */
    sealed interface HashOn {
        /** Path and query. */
        record Path() implements HashOn {}

        /** The client's address. */
        record Client() implements HashOn {}

        /** The first line of a request header field. */
        record Header(String name) implements HashOn {}

        /** The first value of a cookie. */
        record Cookie(String name) implements HashOn {}

        /** The value to hash; null if the request has none. */
        default @Nullable String of(RequestHead request, @Nullable InetAddress client) {
            if (this instanceof Client) {
                return client == null ? null : client.getHostAddress();
            }
            if (this instanceof Header header) {
                return request.headers().first(header.name());
            }
            if (this instanceof Cookie cookie) {
                List<String> values = Cookies.values(request.headers(), cookie.name());
                return values.isEmpty() ? null : values.get(0);
            }
            return request.target().pathAndQuery();
        }
    }
}
