/** The metrics of a running proxy. Read {@link io.cachingproxy.cli.metrics.Metrics} first. */
@NullMarked
package io.cachingproxy.cli.metrics;

import org.jspecify.annotations.NullMarked;
