package io.cachingproxy;

import io.cachingproxy.http.Headers;

/** Receives interim responses: 102 and 103, which precede a final response and are never stored (RFC 9110 §15.2). */
@FunctionalInterface
public interface Interim {
    void relay(int status, Headers headers);
}
