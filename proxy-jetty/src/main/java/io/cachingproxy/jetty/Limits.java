package io.cachingproxy.jetty;

import io.cachingproxy.jetty.front.MinimumRate;
import java.time.Duration;

/** Limits of one server on its clients and origins, so that no client or origin takes more than its share of resources. */
public record Limits(Clients clients, Origins origins) {
    /** The limits of a server without other settings. */
    public static final Limits DEFAULT = new Limits(
            new Clients(16 << 10, 200, 16_384, 240, Duration.ofSeconds(10), Duration.ofSeconds(60)),
            new Origins(64 << 10, 200, 1024, 1024));

    /**
     * Limits on clients.
     *
     * @param headBytes maximum size of a request head in bytes, target included; a longer head is a 431, a longer target
     *     a 414
     * @param headers maximum number of field lines in a request; more are a 431
     * @param connections maximum number of client connections; at the limit no connection is accepted until another one
     *     closes, and idle ones are closed early
     * @param bytesPerSecond minimum rate at which a client sends while the server waits for it, after {@link #gracePeriod};
     *     0: no minimum
     * @param gracePeriod how long a client may stay below the minimum rate
     * @param idle idle timeout of a client connection
     */
    public record Clients(
            int headBytes, int headers, int connections, int bytesPerSecond, Duration gracePeriod, Duration idle) {
        /** The minimum rate of requests. */
        MinimumRate rate() {
            return new MinimumRate(bytesPerSecond, gracePeriod);
        }
    }

    /**
     * Limits on all origins together, and on each response of an origin.
     *
     * @param headBytes maximum size of a response head in bytes; a longer head is a 502
     * @param headers maximum number of field lines in a response; more are a 502. Trailers are counted separately; with
     *     more lines the response is aborted
     * @param requests maximum number of concurrent requests
     * @param queue maximum number of requests that wait for one of {@code requests}; further requests get a 503 with
     *     Retry-After
     */
    public record Origins(int headBytes, int headers, int requests, int queue) {}

    /** These limits with other sizes of heads, in bytes, and another number of field lines for requests and responses. */
    public Limits withHeaders(int requestBytes, int responseBytes, int lines) {
        return new Limits(
                new Clients(
                        requestBytes,
                        lines,
                        clients.connections,
                        clients.bytesPerSecond,
                        clients.gracePeriod,
                        clients.idle),
                new Origins(responseBytes, lines, origins.requests, origins.queue));
    }

    /** These limits with another number of client connections. */
    public Limits withConnections(int value) {
        return with(new Clients(
                clients.headBytes, clients.headers, value, clients.bytesPerSecond, clients.gracePeriod, clients.idle));
    }

    /** These limits with another minimum rate, in bytes a second, and the time that a client may stay below it. */
    public Limits withRate(int atLeast, Duration after) {
        return with(new Clients(clients.headBytes, clients.headers, clients.connections, atLeast, after, clients.idle));
    }

    /** These limits with another idle timeout of client connections. */
    public Limits withIdle(Duration value) {
        return with(new Clients(
                clients.headBytes,
                clients.headers,
                clients.connections,
                clients.bytesPerSecond,
                clients.gracePeriod,
                value));
    }

    private Limits with(Clients value) {
        return new Limits(value, origins);
    }

    /** These limits with another number of concurrent and of queued origin requests. */
    public Limits withOriginRequests(int atATime, int waiting) {
        return new Limits(clients, new Origins(origins.headBytes, origins.headers, atATime, waiting));
    }
}
