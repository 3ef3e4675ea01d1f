/**
 * What the cache would do with the traffic of this proxy: with another configuration ({@link
 * io.cachingproxy.cli.preview.Preview}, read it first), and at shadow sites ({@link io.cachingproxy.cli.preview.Shadow}).
 */
@NullMarked
package io.cachingproxy.cli.preview;

import org.jspecify.annotations.NullMarked;
