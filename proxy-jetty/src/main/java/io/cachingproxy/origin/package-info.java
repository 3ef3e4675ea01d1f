/**
 * Requests to origins: connections, timeouts, TLS, the concurrency limit, and the validation of responses. Read {@link
 * io.cachingproxy.origin.OriginClient} first. This package does not depend on the client side; request fields about the
 * client are {@link io.cachingproxy.origin.AddedFields}.
 */
@NullMarked
package io.cachingproxy.origin;

import org.jspecify.annotations.NullMarked;
