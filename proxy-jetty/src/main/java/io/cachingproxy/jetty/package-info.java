/**
 * The cache in Jetty, as a standalone proxy server and as a proxy servlet. Read {@link io.cachingproxy.jetty.ProxyServer}
 * first.
 *
 * <p>{@code jetty.hit} serves hits in memory on the client's connection; {@code CachingHandler} serves all other
 * requests. {@code jetty.front} has the parts of the client side that both need, and {@link
 * io.cachingproxy.origin.OriginClient} sends requests to the origin.
 */
@NullMarked
package io.cachingproxy.jetty;

import org.jspecify.annotations.NullMarked;
