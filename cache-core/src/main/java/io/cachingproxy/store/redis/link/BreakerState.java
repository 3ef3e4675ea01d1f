package io.cachingproxy.store.redis.link;

/**
 * The state of the circuit breaker of one server.
 *
 * @param server {@code main}: the server with the control key; else the address of another master of a cluster
 * @param reason of the latest bad call
 */
public record BreakerState(String server, Kind kind, String reason) {
    /** The states. */
    public enum Kind {
        CLOSED,
        OPEN,
        HALF_OPEN
    }
}
