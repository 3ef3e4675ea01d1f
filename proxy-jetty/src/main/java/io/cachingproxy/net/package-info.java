/** What both sides of the proxy do with Jetty: writes to sockets, header sections, connections that are resumed. */
@NullMarked
package io.cachingproxy.net;

import org.jspecify.annotations.NullMarked;
