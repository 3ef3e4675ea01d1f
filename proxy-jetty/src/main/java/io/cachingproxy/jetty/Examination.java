package io.cachingproxy.jetty;

import io.cachingproxy.CacheRequest;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import java.net.InetAddress;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Receives and forwards a request as the proxy does for a client on the loopback interface, without the cache: for
 * explanations. See {@link ProxyServer#examination()}.
 */
public interface Examination {
    /** Receives a request: its target and fields are those that reach the cache. */
    Received receive(RequestHead head);

    /**
     * Resolves a request that the proxy has received before, by the current rules.
     *
     * @param head target and fields as they reached the cache
     * @param client the address of the client
     */
    Received received(RequestHead head, @Nullable InetAddress client);

    /**
     * Requests the response from the origin of the request. Nothing is stored, and the content is not read. Requests
     * that may have effects at the origin, and requests with content, are not sent. The stage fails with a message of
     * one line.
     *
     * @param abandoned cancels the fetch when it completes; then the stage fails
     */
    CompletionStage<ResponseHead> fetch(Received received, CompletionStage<?> abandoned);

    /**
     * A received request.
     *
     * @param client the address of the client
     * @param refused the status by which the proxy refuses the request, before it reaches the cache
     */
    record Received(CacheRequest request, @Nullable InetAddress client, OptionalInt refused) {}
}
