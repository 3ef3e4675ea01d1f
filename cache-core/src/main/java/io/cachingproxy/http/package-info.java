/**
 * HTTP messages as immutable values, parsed once, at the edge (RFC 9110). Nothing here does I/O or knows the time.
 *
 * <p>Read {@link io.cachingproxy.http.Headers} first, then {@link io.cachingproxy.http.RequestHead} and {@link
 * io.cachingproxy.http.ResponseHead}; a body is a {@link io.cachingproxy.http.Content}, which an application may also read
 * as a whole, as an {@link java.io.InputStream}, or make of a {@link java.util.concurrent.Flow.Publisher}.
 */
@NullMarked
package io.cachingproxy.http;

import org.jspecify.annotations.NullMarked;
