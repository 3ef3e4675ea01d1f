package io.cachingproxy.origin;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * How long the origin is waited for; what takes longer is a 504.
 *
 * @param connect until a connection stands
 * @param firstByte from the end of the request until the head of the response is there, interim responses or not; the idle
 *     time-out does not apply meanwhile
 * @param idle between any two signs of life while the request is sent, and after the head of the response
 * @param total for the whole exchange
 */
public record OriginTimeouts(Duration connect, Duration firstByte, Duration idle, Duration total) {
    public static final OriginTimeouts DEFAULT = new OriginTimeouts(
            Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofHours(6));

    public OriginTimeouts withConnect(Duration value) {
        return new OriginTimeouts(value, firstByte, idle, total);
    }

    public OriginTimeouts withFirstByte(Duration value) {
        return new OriginTimeouts(connect, value, idle, total);
    }

    public OriginTimeouts withIdle(Duration value) {
        return new OriginTimeouts(connect, firstByte, value, total);
    }

    public OriginTimeouts withTotal(Duration value) {
        return new OriginTimeouts(connect, firstByte, idle, value);
    }

    /** What is logged when one of them has passed, and which option of the command line sets it. */
    static TimeoutException exceeded(String what, Duration time, String option) {
        return new TimeoutException(what + " after " + time.toMillis() + " ms, see " + option);
    }
}
