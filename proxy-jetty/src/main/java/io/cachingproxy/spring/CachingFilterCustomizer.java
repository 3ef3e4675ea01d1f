package io.cachingproxy.spring;

import io.cachingproxy.servlet.CachingFilter;

/**
 * Changes the auto-configured {@link CachingFilter}, for example by a request that bypasses the cache. All beans of this
 * type are called in their order, after the properties.
 */
@FunctionalInterface
public interface CachingFilterCustomizer {
    /** Changes the settings. */
    void customize(CachingFilter.Builder builder);
}
