package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;

/** Where requests are forwarded to. It can fetch without a client: the cache asks, and the clients read from the cache. */
public interface Origin {
    /**
     * Sends {@code request} and pushes what comes back into {@code exchange}: {@code onHead}, {@code onBody}…, then
     * {@code onComplete}; or {@code onFailure} at any point. Does not block, and does not throw.
     *
     * @param body the content of the request, {@link Content#empty()} if it has none
     */
    void fetch(RequestHead request, Content body, Exchange exchange);
}
