/**
 * Jetty code shared by the client and the origin side: socket writes, conversion of header sections, resumed
 * connections.
 */
@NullMarked
package io.cachingproxy.net;

import org.jspecify.annotations.NullMarked;
