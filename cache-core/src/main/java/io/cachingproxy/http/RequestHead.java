package io.cachingproxy.http;

import io.cachingproxy.http.syntax.ConnectionFields;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request, its Cache-Control parsed. Immutable.
 *
 * @param headers without the fields that Connection lists: these are not forwarded, so no decision about the request
 *     may depend on them
 * @param hasBody whether content follows
 * @param contentDigest a digest of the content and its type, if the content was read before the lookup; else null
 */
public record RequestHead(
        String method,
        Target target,
        Headers headers,
        boolean hasBody,
        CacheControl cacheControl,
        @Nullable String contentDigest) {
    /** The safe methods (RFC 9110 §9.2.1); QUERY is defined in RFC 10008. */
    private static final Set<String> SAFE =
            Set.of("GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "REPORT", "SEARCH");

    public RequestHead {
        headers = headers.without(ConnectionFields.listed(headers.combined("Connection")));
    }

    public RequestHead(String method, Target target, Headers headers, boolean hasBody) {
        this(method, target, headers, hasBody, CacheControl.ofRequest(headers), null);
    }

    public RequestHead(String method, Target target, Headers headers) {
        this(method, target, headers, false);
    }

    public boolean isGet() {
        return method.equals("GET");
    }

    public boolean isHead() {
        return method.equals("HEAD");
    }

    /** Whether this is a QUERY with a content digest (RFC 10008). */
    public boolean isDigestedQuery() {
        return method.equals("QUERY") && contentDigest != null;
    }

    /** A copy with this content digest. */
    public RequestHead withContentDigest(String digest) {
        return new RequestHead(method, target, headers, hasBody, cacheControl, digest);
    }

    public boolean isSafe() {
        return SAFE.contains(method);
    }

    public RequestHead withHeaders(Headers others) {
        return new RequestHead(method, target, others, hasBody, CacheControl.ofRequest(others), contentDigest);
    }

    public RequestHead withTarget(Target other) {
        return new RequestHead(method, other, headers, hasBody, cacheControl, contentDigest);
    }

    public RequestHead withMethod(String other) {
        return new RequestHead(other, target, headers, hasBody, cacheControl, contentDigest);
    }
}
