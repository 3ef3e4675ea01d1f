/**
 * The trace context of requests (W3C Trace Context), and their spans. Read {@link io.cachingproxy.jetty.tracing.Tracing}
 * first.
 */
@NullMarked
package io.cachingproxy.jetty.tracing;

import org.jspecify.annotations.NullMarked;
