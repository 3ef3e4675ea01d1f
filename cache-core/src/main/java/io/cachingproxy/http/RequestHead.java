package io.cachingproxy.http;

import java.util.Set;

/**
 * The head of a request, its Cache-Control parsed. Immutable.
 *
 * @param hasBody whether content follows, be it of length 0
 */
public record RequestHead(String method, Target target, Headers headers, boolean hasBody, CacheControl cacheControl) {
    /** The methods that ask for nothing but information (RFC 9110 §9.2.1); QUERY is of RFC 10008. */
    private static final Set<String> SAFE =
            Set.of("GET", "HEAD", "OPTIONS", "TRACE", "QUERY", "PROPFIND", "REPORT", "SEARCH");

    public RequestHead(String method, Target target, Headers headers, boolean hasBody) {
        this(method, target, headers, hasBody, CacheControl.ofRequest(headers));
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

    public boolean isSafe() {
        return SAFE.contains(method);
    }

    public RequestHead withHeaders(Headers others) {
        return new RequestHead(method, target, others, hasBody);
    }

    public RequestHead withMethod(String other) {
        return new RequestHead(other, target, headers, hasBody, cacheControl);
    }
}
