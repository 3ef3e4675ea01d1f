/**
 * An HTTP client with a cache, for the requests that an application sends. Read {@link
 * io.cachingproxy.client.CachingHttpClient} first: a {@link java.net.http.HttpClient} whose responses come from an {@link
 * io.cachingproxy.HttpCache} where they may.
 */
@NullMarked
package io.cachingproxy.client;

import org.jspecify.annotations.NullMarked;
