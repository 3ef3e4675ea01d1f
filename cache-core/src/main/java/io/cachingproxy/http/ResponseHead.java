package io.cachingproxy.http;

/** The head of a final response (RFC 9110 §15), its Cache-Control parsed. Immutable. */
public record ResponseHead(int status, Headers headers, CacheControl cacheControl) {
    public ResponseHead(int status, Headers headers) {
        this(status, headers, CacheControl.ofResponse(headers));
    }

    public ResponseHead withHeaders(Headers others) {
        return new ResponseHead(status, others);
    }

    /** Whether the status is 2xx or 3xx (RFC 9111 §4.4). */
    public boolean isNonError() {
        return status >= 200 && status < 400;
    }

    public boolean isServerError() {
        return status >= 500; // RFC 9110 §15: an unknown class is treated as 5xx
    }

    /** Whether a response with this status to {@code method} never has content (RFC 9110 §6.4.1). */
    public boolean isBodiless(String method) {
        return status == 204 || status == 304 || status < 200 || method.equals("HEAD");
    }
}
