/**
 * The purge requests of the clients of other caches. {@link io.cachingproxy.jetty.purge.PurgeDialects} translates them
 * into {@link io.cachingproxy.jetty.purge.PurgeCommand}s; no regular expression of a client is run.
 */
@NullMarked
package io.cachingproxy.jetty.purge;

import org.jspecify.annotations.NullMarked;
