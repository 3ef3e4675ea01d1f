package io.cachingproxy.jetty.front;

import java.time.Duration;

/**
 * The minimum rate at which a client has to send.
 *
 * @param bytesPerSecond the rate; 0: no minimum
 * @param gracePeriod how long a client may stay below the rate
 */
public record MinimumRate(int bytesPerSecond, Duration gracePeriod) {
    /**
     * Whether a message is below the rate.
     *
     * @param received the number of bytes received so far
     * @param waitedNanos the time spent waiting for the client, in nanoseconds
     */
    boolean isMissed(long received, long waitedNanos) {
        return waitedNanos > gracePeriod.toNanos() && received * 1e9 < (double) bytesPerSecond * waitedNanos;
    }
}
