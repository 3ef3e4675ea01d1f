/** Metrics of a cache for Micrometer, an optional dependency; see {@link io.cachingproxy.metrics.HttpCacheMetrics}. */
@NullMarked
package io.cachingproxy.metrics;

import org.jspecify.annotations.NullMarked;
