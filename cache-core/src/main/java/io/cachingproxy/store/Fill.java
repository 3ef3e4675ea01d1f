package io.cachingproxy.store;

import io.cachingproxy.policy.StoredResponse;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/**
 * A response on its way into the store. Ends with {@link #commit}, {@link #freshen} or {@link #discard}, once; not for
 * more than one thread at a time.
 */
public interface Fill {
    /**
     * Takes the next bytes of the body, which nobody changes afterwards. They come in large pieces, each one as soon as it
     * is full.
     *
     * @return false if the store will not have this body (too large, no room, not reachable): nothing more is taken,
     *     and commit is refused
     */
    boolean write(ByteBuffer bytes);

    /**
     * Makes the response visible, with the body that was written.
     *
     * @param response its body is the same as what was written, in memory of this process; or empty, then the store makes
     *     it of what was written
     * @return whether it was stored: false if the store refused the body, or if what it belongs to was removed since the
     *     fill began
     */
    CompletionStage<Boolean> commit(StoredResponse response);

    /**
     * Puts {@code freshened}, which has the body of {@code stored}, in its place, if it is still there
     * (RFC 9111 §4.3.4). Purges since the fill began hold for it too.
     */
    CompletionStage<Void> freshen(StoredResponse stored, StoredResponse freshened);

    /**
     * Whether what is being filled is something for those who ask now: false if everything was cleared, something was
     * purged, or the key was invalidated since the fill began, as far as this node knows.
     */
    boolean isCurrent();

    /** Forgets what was written. */
    void discard();
}
