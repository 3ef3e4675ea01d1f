/**
 * Cache keys (RFC 9111 §2, §4.1): the {@link io.cachingproxy.key.CacheKey} of the request and, if the response has a
 * Vary field, the {@link io.cachingproxy.key.Selection} of the request's headers.
 */
@NullMarked
package io.cachingproxy.key;

import org.jspecify.annotations.NullMarked;
