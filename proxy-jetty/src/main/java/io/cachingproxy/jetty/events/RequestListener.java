package io.cachingproxy.jetty.events;

/**
 * Receives each request that the proxy has answered, whether from the store, by the origin or by a refusal.
 *
 * <p>The method is called on the threads that serve requests and must not block. An exception does not affect the
 * request; the first one is logged.
 */
@FunctionalInterface
public interface RequestListener {
    /** The response was written, or the client left before its end. */
    void onAnswered(AnsweredRequest request);
}
