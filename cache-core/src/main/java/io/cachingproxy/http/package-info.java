/**
 * HTTP messages as immutable values, parsed once, on receipt (RFC 9110). No class does I/O or reads a clock.
 *
 * <p>Read {@link io.cachingproxy.http.Headers} first, then {@link io.cachingproxy.http.RequestHead} and {@link
 * io.cachingproxy.http.ResponseHead}; a body is a {@link io.cachingproxy.http.Content}. Applications can read it
 * completely, or as an {@link java.io.InputStream}, and create it from a {@link java.util.concurrent.Flow.Publisher}.
 */
@NullMarked
package io.cachingproxy.http;

import org.jspecify.annotations.NullMarked;
