package io.cachingproxy;

import org.jspecify.annotations.Nullable;

/** The revalidation of a stale response in the background, after it was sent to the client (RFC 5861 §3). */
@FunctionalInterface
public interface Refresh {
    /**
     * Begins the revalidation. It is registered by this call only, so that a refresh that never begins delays no other
     * request.
     *
     * @return the exchange to drive, without a client; null if another request fetches the same response already
     */
    @Nullable
    Exchange begin();
}
