package io.cachingproxy.store;

import io.cachingproxy.policy.StoredResponse;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/**
 * The storing of one response. Ends exactly once, with {@link #commit}, {@link #freshen} or {@link #discard}. Not
 * thread-safe.
 */
public interface Fill {
    /**
     * Writes the next bytes of the body, which must not be modified afterwards. Pieces are large, and written as soon
     * as they are full.
     *
     * @return false if the store refuses this body (too large, no room, unreachable): further writes are ignored, and
     *     commit is refused
     */
    boolean write(ByteBuffer bytes);

    /**
     * Makes the response visible, with the body that was written.
     *
     * @param response its body equals the written bytes, in memory of this process; or is empty, then the store creates
     *     the body from the written bytes
     * @return whether it was stored: false if the store refused the body, or if the key was invalidated, purged or
     *     cleared since the fill began
     */
    CompletionStage<Boolean> commit(StoredResponse response);

    /**
     * Replaces {@code stored}, if it is still stored, with {@code freshened}, which has the same body (RFC 9111
     * §4.3.4). Purges since the fill began apply to it, too.
     */
    CompletionStage<Void> freshen(StoredResponse stored, StoredResponse freshened);

    /**
     * Whether new requests may use this response: false if the store was cleared, any response was purged, or the key
     * was invalidated since the fill began, as far as this node knows.
     */
    boolean isCurrent();

    /** Discards the written bytes. */
    void discard();
}
