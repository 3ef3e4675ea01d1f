/**
 * The cache in Jetty: a proxy servlet and a standalone proxy server. Read {@link io.cachingproxy.jetty.ProxyServer}
 * first. {@link io.cachingproxy.jetty.HitConnection} serves hits in memory, {@link
 * io.cachingproxy.jetty.CachingHandler} handles all other requests, and {@link io.cachingproxy.origin.OriginClient}
 * sends requests to the origin.
 */
@NullMarked
package io.cachingproxy.jetty;

import org.jspecify.annotations.NullMarked;
