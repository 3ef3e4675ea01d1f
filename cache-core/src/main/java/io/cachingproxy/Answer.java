package io.cachingproxy;

import io.cachingproxy.http.Content;
import io.cachingproxy.http.ResponseHead;

/**
 * What a client gets: a head that is complete (Age, Cache-Status, X-Cache and Via are in it) and its content, to be
 * read or cancelled.
 *
 * @param status what Cache-Status says
 */
public record Answer(ResponseHead head, Content content, CacheStatus status) {}
