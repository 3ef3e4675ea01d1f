/**
 * The client side of the proxy server: TLS and the PROXY protocol, request checks, slow clients, request content and
 * responses, error pages and the error log. Read {@link io.cachingproxy.jetty.front.AnswerSender} and {@link
 * io.cachingproxy.jetty.front.RequestGuard} first.
 */
@NullMarked
package io.cachingproxy.jetty.front;

import org.jspecify.annotations.NullMarked;
