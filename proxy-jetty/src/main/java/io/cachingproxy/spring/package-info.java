/**
 * The cache in Spring Boot 3.5 and 4.0: with {@code caching-proxy.enabled=true} a servlet application gets a {@link
 * io.cachingproxy.servlet.CachingFilter}, configured by {@link io.cachingproxy.spring.CachingProxyProperties}. Spring is
 * an optional dependency, and only this package uses it.
 */
@NullMarked
package io.cachingproxy.spring;

import org.jspecify.annotations.NullMarked;
