/**
 * HTTP/1 connections of clients, which serve hits in memory without a Jetty request. Read {@link
 * io.cachingproxy.jetty.hit.HitConnection} first.
 */
@NullMarked
package io.cachingproxy.jetty.hit;

import org.jspecify.annotations.NullMarked;
