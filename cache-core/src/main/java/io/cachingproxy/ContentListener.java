package io.cachingproxy;

import java.nio.ByteBuffer;

/**
 * Receives the content of one response as the origin sends it, for {@link CacheListener#onOriginContent}. The methods run
 * on the thread that delivers the response and must not block. An exception affects neither the response nor other
 * listeners.
 */
public interface ContentListener {
    /**
     * Receives the next piece of the content. Called in order, never concurrently with itself.
     *
     * @param bytes read-only, of its own position and limit; valid only during the call
     */
    void onContent(ByteBuffer bytes);

    /**
     * Reports the end of the content, once. A client may have read all bytes of an announced length by then. No content
     * follows, except for a piece that is being delivered while a timeout ends the response.
     *
     * @param complete whether the response is complete by its message framing and as long as it announced
     */
    void onEnd(boolean complete);
}
