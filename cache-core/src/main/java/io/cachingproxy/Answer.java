package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.ResponseHead;

/**
 * The response that the cache sends to a client: a complete head (including Age, Cache-Status, X-Cache and Via) and its
 * content, which must be read or cancelled.
 *
 * @param status the content of the Cache-Status field
 */
public record Answer(ResponseHead head, Content content, CacheStatus status) {}
