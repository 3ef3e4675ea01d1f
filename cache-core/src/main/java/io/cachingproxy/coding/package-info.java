/**
 * Content codings that the cache applies to responses of the origin (RFC 9110 §8.4). {@link
 * io.cachingproxy.coding.Compression} chooses the coding of a request by its Accept-Encoding; {@link
 * io.cachingproxy.coding.Negotiated} changes the head of a response, and {@link io.cachingproxy.coding.EncodedBody}
 * encodes its body. An application with another coding implements {@link io.cachingproxy.coding.ContentCoding}.
 */
@NullMarked
package io.cachingproxy.coding;

import org.jspecify.annotations.NullMarked;
