/**
 * The cache in Jetty: a proxy servlet, and a server that has nothing else in it. Read {@link
 * io.cachingproxy.jetty.ProxyServer} first; {@link io.cachingproxy.jetty.HitConnection} answers what is at hand, {@link
 * io.cachingproxy.jetty.CachingHandler} all else, and {@link io.cachingproxy.origin.OriginClient} is the way to the origin.
 */
@NullMarked
package io.cachingproxy.jetty;

import org.jspecify.annotations.NullMarked;
