/**
 * Requests to origins: connections, time-outs, TLS, admission, and the checks that responses have to pass. Read {@link
 * io.cachingproxy.origin.OriginClient} first. Nothing here knows of clients: what a request reports of them are {@link
 * io.cachingproxy.origin.AddedFields}.
 */
@NullMarked
package io.cachingproxy.origin;

import org.jspecify.annotations.NullMarked;
