package io.cachingproxy.jetty;

import java.time.Duration;

/**
 * How much one server takes from its clients and from its origin, so that none of them has more of it than their share.
 *
 * @param requestHeaderBytes of a request, target included; beyond: 431 (414 for the target)
 * @param responseHeaderBytes of a response of the origin; beyond: 502
 * @param headers field lines, of a request (beyond: 431) and of a response (beyond: 502; trailers count by themselves, and
 *     beyond that the response breaks off)
 * @param connections of clients; beyond, nobody is accepted until one is closed, and idle ones are closed early
 * @param originRequests on the way to the origin at a time
 * @param queue requests that wait until one of those is done; beyond: 503 with Retry-After
 * @param bytesPerSecond what a client that is waited for sends or takes at least, after {@link #patience}; 0: anything
 * @param patience how long a client may be slower
 * @param idle how long a connection may be silent
 */
public record Limits(
        int requestHeaderBytes,
        int responseHeaderBytes,
        int headers,
        int connections,
        int originRequests,
        int queue,
        int bytesPerSecond,
        Duration patience,
        Duration idle) {
    public static final Limits DEFAULT = new Limits(
            16 << 10, 64 << 10, 200, 16_384, 1024, 1024, 240, Duration.ofSeconds(10), Duration.ofSeconds(60));

    public Limits withHeaders(int requestBytes, int responseBytes, int lines) {
        return new Limits(
                requestBytes, responseBytes, lines, connections, originRequests, queue, bytesPerSecond, patience, idle);
    }

    public Limits withConnections(int value) {
        return new Limits(
                requestHeaderBytes,
                responseHeaderBytes,
                headers,
                value,
                originRequests,
                queue,
                bytesPerSecond,
                patience,
                idle);
    }

    public Limits withOriginRequests(int atATime, int waiting) {
        return new Limits(
                requestHeaderBytes,
                responseHeaderBytes,
                headers,
                connections,
                atATime,
                waiting,
                bytesPerSecond,
                patience,
                idle);
    }

    public Limits withRate(int atLeast, Duration after) {
        return new Limits(
                requestHeaderBytes,
                responseHeaderBytes,
                headers,
                connections,
                originRequests,
                queue,
                atLeast,
                after,
                idle);
    }

    public Limits withIdle(Duration value) {
        return new Limits(
                requestHeaderBytes,
                responseHeaderBytes,
                headers,
                connections,
                originRequests,
                queue,
                bytesPerSecond,
                patience,
                value);
    }
}
