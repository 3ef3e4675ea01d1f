/**
 * The requests that the proxy has answered: the access log, and the recent requests of the admin API. Read {@link
 * io.cachingproxy.cli.requests.RequestRecord} first.
 */
@NullMarked
package io.cachingproxy.cli.requests;

import org.jspecify.annotations.NullMarked;
