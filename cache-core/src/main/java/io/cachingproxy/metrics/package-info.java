/**
 * Metrics for Micrometer, an optional dependency: of a cache, see {@link io.cachingproxy.metrics.HttpCacheMetrics}, and of
 * its store in Redis, see {@link io.cachingproxy.metrics.RedisStoreMetrics}.
 */
@NullMarked
package io.cachingproxy.metrics;

import org.jspecify.annotations.NullMarked;
