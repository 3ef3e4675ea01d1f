package io.cachingproxy;

import io.cachingproxy.http.Headers;

/** Where interim responses go: 102 and 103, which announce a final one and are never stored (RFC 9110 §15.2). */
@FunctionalInterface
public interface Interim {
    void relay(int status, Headers headers);
}
