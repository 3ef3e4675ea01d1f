package io.cachingproxy.store.redis.entries;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes that wait to be written to Redis, for all fills together, and their bound. */
public final class Backlog {
    private final AtomicLong bytes = new AtomicLong();
    private final long maxBytes;
    private final long maxObjectBytes;

    public Backlog(long maxBytes, long maxObjectBytes) {
        this.maxBytes = maxBytes;
        this.maxObjectBytes = maxObjectBytes;
    }

    /** The longest body that is stored, in bytes. */
    long maxObjectBytes() {
        return maxObjectBytes;
    }

    /** Reserves {@code more} bytes; false if there is no room. */
    boolean take(long more) {
        if (bytes.addAndGet(more) > maxBytes) {
            free(more);
            return false;
        }
        return true;
    }

    /** Reserves {@code more} bytes that are kept for near copies only: these may take at most half of the bound. */
    boolean takeToKeep(long more) {
        return bytes.get() + more <= maxBytes / 2 && take(more);
    }

    void free(long fewer) {
        bytes.addAndGet(-fewer);
    }

    public long bytes() {
        return bytes.get();
    }
}
