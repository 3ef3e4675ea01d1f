package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;

/**
 * The server to which the cache forwards requests. It can fetch without a client, because clients read from the cache.
 */
public interface Origin {
    /**
     * Sends {@code request} and pushes the response into {@code exchange}: {@code onHead}, {@code onBody}…, then
     * {@code onComplete}; or {@code onFailure} at any point. Must not block or throw.
     *
     * @param body the content of the request, {@link Content#empty()} if it has none
     */
    void fetch(RequestHead request, Content body, Exchange exchange);
}
