/** The response field Cache-Debug, for requests with a token. Read {@link io.cachingproxy.jetty.debug.CacheDebug} first. */
@NullMarked
package io.cachingproxy.jetty.debug;

import org.jspecify.annotations.NullMarked;
