package io.cachingproxy.spring;

import io.cachingproxy.HttpCache;

/**
 * Changes the settings of the auto-configured {@link HttpCache} that have no property, such as its sites or clock. All
 * beans of this type are called in their order, after the properties.
 */
@FunctionalInterface
public interface HttpCacheCustomizer {
    /** Changes the settings. */
    void customize(HttpCache.Builder builder);
}
