package io.cachingproxy.origin;

/** The HTTP version of connections to origins. */
public enum OriginProtocol {
    /** HTTP/1.1: one request per connection at a time, so that slow clients do not delay each other. */
    HTTP1,
    /** HTTP/2 if an https origin negotiates it by ALPN, else HTTP/1.1. */
    AUTO,
    /** HTTP/2 in cleartext with prior knowledge (RFC 9113 §3.3), for http origins that support it. */
    H2C
}
