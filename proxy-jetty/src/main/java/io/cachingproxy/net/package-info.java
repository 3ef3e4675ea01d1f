/**
 * Jetty code shared by the client and the origin side: socket writes, conversion of header sections, resumed
 * connections, PEM files.
 */
@NullMarked
package io.cachingproxy.net;

import org.jspecify.annotations.NullMarked;
