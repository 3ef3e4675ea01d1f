package io.cachingproxy.origin;

/**
 * Limits on the connections to one origin.
 *
 * @param headBytes maximum size of a response head, and of a trailer section, in bytes; a longer head is a 502
 * @param headers maximum number of field lines in a response; more are a 502. Trailers are counted separately; with more
 *     lines the response is aborted
 * @param requests maximum number of concurrent requests
 */
public record OriginLimits(int headBytes, int headers, int requests) {}
