package io.cachingproxy.jetty;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The share of direct memory for requests to origins: each request holds its own buffers while its client is slow. */
final class DirectMemory {
    private static final Logger LOG = LoggerFactory.getLogger(DirectMemory.class);

    /** Direct memory of one request, in bytes: its window, and the buffers being read and written. */
    private static final long EACH = 128 * 1024;

    private static final int LEAST = 16;

    private DirectMemory() {}

    /**
     * The given limits, with fewer concurrent origin requests if their buffers would exceed a quarter of direct memory.
     *
     * @param direct the limit of direct memory in bytes
     */
    static Limits fit(Limits wanted, long direct) {
        long most = Math.max(LEAST, direct / 4 / EACH);
        if (wanted.origins().requests() <= most) {
            return wanted;
        }
        if (wanted.origins().requests() != Limits.DEFAULT.origins().requests()) {
            LOG.warn(
                    "Direct memory of {} MB is enough for {} requests at the origin at a time (--max-origin-requests {})",
                    direct >> 20,
                    most,
                    wanted.origins().requests());
        }
        return wanted.withOriginRequests((int) most, wanted.origins().queue());
    }
}
