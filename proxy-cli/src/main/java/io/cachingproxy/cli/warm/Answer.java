package io.cachingproxy.cli.warm;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import io.cachingproxy.http.syntax.FieldValues;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of a request.
 *
 * @param status 0 without a response
 * @param bytes of content
 * @param error why there is no complete response; null if there is one
 */
record Answer(
        Target url,
        int status,
        Headers headers,
        long bytes,
        @Nullable String error) {
    private static final int FIRST_ERROR = 400;

    /** Why the request failed: no complete response, or a status from 400 on; null if it succeeded. */
    @Nullable
    String failure() {
        return error == null && status >= FIRST_ERROR ? "status " + status : error;
    }

    /** Whether the proxy answered from its cache. */
    boolean hit() {
        return "HIT".equals(headers.first("X-Cache"));
    }

    /** Whether the proxy has stored the response. */
    boolean stored() {
        return parameters().contains("stored");
    }

    /** Why the response was not stored: {@code detail} of Cache-Status; {@code unknown} without one. */
    String detail() {
        return parameters().stream()
                .filter(parameter -> parameter.startsWith("detail="))
                .map(parameter -> parameter.substring("detail=".length()))
                .findFirst()
                .orElse(parameters().contains("collapsed") ? "collapsed" : "unknown");
    }

    /** The parameters of the last member of Cache-Status, the cache nearest to the client (RFC 9211 §2). */
    private List<String> parameters() {
        List<String> caches = headers.list("Cache-Status");
        return caches.isEmpty() ? List.of() : FieldValues.split(caches.get(caches.size() - 1), ';');
    }
}
