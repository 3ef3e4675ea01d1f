package io.cachingproxy.cli.preview;

import io.cachingproxy.CacheRequest;
import io.cachingproxy.http.RequestHead;
import java.util.Set;

/**
 * A request for the whole response, to a cache that stores: the contents of partial and of unmodified responses are not
 * known, and a shadow site is evaluated as if it were none.
 */
final class WholeRequest {
    private static final Set<String> CONDITIONS =
            Set.of("if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range");

    private WholeRequest() {}

    static CacheRequest of(CacheRequest request) {
        RequestHead head = request.head();
        return request.with(head.withHeaders(head.headers().without(CONDITIONS)))
                .withoutShadow();
    }
}
