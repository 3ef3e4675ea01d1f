package io.cachingproxy.origin;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** The total time-out of an exchange that has waited for its client longer than for the origin. */
final class ClientTimeout extends TimeoutException {
    private static final long serialVersionUID = 1L;

    /** @param sending whether the request was awaited, not the reading of the response */
    ClientTimeout(boolean sending, Duration total) {
        super((sending ? "the client did not send its request" : "the client did not read the response")
                + " within the "
                + total.toMillis()
                + " ms of --origin-timeout");
    }
}
