/** The requests that the proxy has answered, for access logs and metrics. Read {@link io.cachingproxy.jetty.events.RequestListener} first. */
@NullMarked
package io.cachingproxy.jetty.events;

import org.jspecify.annotations.NullMarked;
