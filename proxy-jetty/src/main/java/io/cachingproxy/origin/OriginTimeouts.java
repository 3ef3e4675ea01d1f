package io.cachingproxy.origin;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * Timeouts of requests to origins. An exceeded timeout is a 504, or truncates a response that has begun.
 *
 * @param connect timeout of establishing a connection
 * @param firstByte longest time from the end of the request to the head of the final response; interim responses do not
 *     extend it, and the idle timeout does not apply meanwhile
 * @param idle longest silence of the origin while the request is sent, and after the head of the response
 * @param total timeout of the whole exchange
 */
public record OriginTimeouts(Duration connect, Duration firstByte, Duration idle, Duration total) {
    /** 5 s to connect, 60 s to the first byte, 30 s idle, 6 h in total. */
    public static final OriginTimeouts DEFAULT = new OriginTimeouts(
            Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofHours(6));

    /** These timeouts with another connect timeout. */
    public OriginTimeouts withConnect(Duration value) {
        return new OriginTimeouts(value, firstByte, idle, total);
    }

    /** These timeouts with another first-byte timeout. */
    public OriginTimeouts withFirstByte(Duration value) {
        return new OriginTimeouts(connect, value, idle, total);
    }

    /** These timeouts with another idle timeout. */
    public OriginTimeouts withIdle(Duration value) {
        return new OriginTimeouts(connect, firstByte, value, total);
    }

    /** These timeouts with another total timeout. */
    public OriginTimeouts withTotal(Duration value) {
        return new OriginTimeouts(connect, firstByte, idle, value);
    }

    /** The exception for an exceeded timeout; its message, for the log, names the option that sets the timeout. */
    static TimeoutException exceeded(String what, Duration time, String option) {
        return new TimeoutException(what + " after " + time.toMillis() + " ms, see " + option);
    }
}
