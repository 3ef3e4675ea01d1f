package io.cachingproxy.store.redis.entries;

import java.util.concurrent.atomic.AtomicLong;

/** The bytes that wait to be written to Redis, of all fills together, and their bound. */
public final class Backlog {
    private final AtomicLong bytes = new AtomicLong();
    private final long maxBytes;
    private final long maxObjectBytes;

    public Backlog(long maxBytes, long maxObjectBytes) {
        this.maxBytes = maxBytes;
        this.maxObjectBytes = maxObjectBytes;
    }

    /** The longest body that is stored. */
    long maxObjectBytes() {
        return maxObjectBytes;
    }

    /** Makes room for {@code more} bytes; false if there is none. */
    boolean take(long more) {
        if (bytes.addAndGet(more) > maxBytes) {
            free(more);
            return false;
        }
        return true;
    }

    /** The same for what is only kept for the sake of this node: at most half of the bound is given away for that. */
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
