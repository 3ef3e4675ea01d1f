package io.cachingproxy.cli.admin;

import io.cachingproxy.jetty.front.MinimumRate;
import java.time.Duration;

/**
 * Limits on the clients of the admin listener, which apply before a token is checked.
 *
 * @param connections maximum number of connections, those that follow the requests included; at the limit those are closed
 *     that wait for the head of a request: {@link SlowHeads}
 * @param requests maximum number of requests in progress, those that follow the requests included; fewer than
 *     {@code connections}, so that health checks are answered
 * @param rate minimum rate at which a client sends a TLS handshake, a head or content
 * @param idle how long a connection may be idle, and a write may wait for the client to read
 */
public record AdminLimits(int connections, int requests, MinimumRate rate, Duration idle) {
    /** The limits of a listener without other settings. */
    public static final AdminLimits DEFAULT =
            new AdminLimits(64, 48, new MinimumRate(240, Duration.ofSeconds(10)), Duration.ofSeconds(30));
}
