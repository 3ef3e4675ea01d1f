package io.cachingproxy.jetty;

import io.cachingproxy.jetty.front.MinimumRate;
import java.time.Duration;

/**
 * Limits of one server on its clients and origins, so that no client or origin takes more than its share of resources.
 *
 * @param requestHeaderBytes maximum size of a request head in bytes, target included; a longer head is a 431, a longer
 *     target a 414
 * @param responseHeaderBytes maximum size of an origin's response head in bytes; a longer head is a 502
 * @param headers maximum number of field lines in a request (more: 431) and in a response (more: 502). Trailers are
 *     counted separately; with more lines the response is aborted
 * @param connections maximum number of client connections; at the limit no connection is accepted until another one
 *     closes, and idle ones are closed early
 * @param originRequests maximum number of concurrent requests to origins
 * @param queue maximum number of requests that wait for one of {@code originRequests}; further requests get a 503 with
 *     Retry-After
 * @param bytesPerSecond minimum rate at which a client sends or reads while the server waits for it, after {@link
 *     #patience}; 0: no minimum
 * @param patience how long a client may stay below the minimum rate
 * @param idle idle timeout of a client connection
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
    /** The limits of a server without other settings. */
    public static final Limits DEFAULT = new Limits(
            16 << 10, 64 << 10, 200, 16_384, 1024, 1024, 240, Duration.ofSeconds(10), Duration.ofSeconds(60));

    /** The minimum rate of clients. */
    MinimumRate rate() {
        return new MinimumRate(bytesPerSecond, patience);
    }

    /** These limits with other sizes of heads, in bytes, and another number of field lines. */
    public Limits withHeaders(int requestBytes, int responseBytes, int lines) {
        return new Limits(
                requestBytes, responseBytes, lines, connections, originRequests, queue, bytesPerSecond, patience, idle);
    }

    /** These limits with another number of client connections. */
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

    /** These limits with another number of concurrent and of queued origin requests. */
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

    /** These limits with another minimum rate, in bytes a second, and the time that a client may stay below it. */
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

    /** These limits with another idle timeout of client connections. */
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
