package io.cachingproxy.origin;

import java.time.Duration;
import java.util.Optional;

/**
 * Limits on the connections to one origin.
 *
 * @param headBytes maximum size of a response head, and of a trailer section, in bytes; a longer head is a 502
 * @param headers maximum number of field lines in a response; more are a 502. Trailers are counted separately; with more
 *     lines the response is aborted
 * @param requests maximum number of concurrent requests
 * @param maxLifetime age at which a connection is closed, as soon as it is idle; up to a tenth earlier, so that connections
 *     that were opened together are not closed together. Empty: none
 */
public record OriginLimits(int headBytes, int headers, int requests, Optional<Duration> maxLifetime) {
    /** Limits without a maximum lifetime. */
    public OriginLimits(int headBytes, int headers, int requests) {
        this(headBytes, headers, requests, Optional.empty());
    }
}
