package io.cachingproxy.origin;

/** Which version of HTTP the origin is spoken to with. */
public enum OriginProtocol {
    /** HTTP/1.1: a connection carries one request at a time, so that one slow reader holds nobody else back. */
    HTTP1,
    /** HTTP/2 where an https origin offers it by ALPN, else HTTP/1.1. */
    AUTO,
    /** HTTP/2 in the clear without asking (RFC 9113 §3.3), for http origins that are known to speak it. */
    H2C
}
