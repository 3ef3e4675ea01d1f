package io.cachingproxy;

import org.jspecify.annotations.Nullable;

/** The validation of a stale response in the background, once it has been answered with (RFC 5861 §3). */
@FunctionalInterface
public interface Refresh {
    /**
     * Begins it. Until then it exists for nobody else, so that one that never begins keeps nobody waiting.
     *
     * @return the exchange to be driven, without a client; null if somebody is fetching the same already
     */
    @Nullable
    Exchange begin();
}
