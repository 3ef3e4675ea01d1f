package io.cachingproxy.origin;

/**
 * How much is taken from an origin, and asked of it.
 *
 * @param headBytes of a response, or of its trailer section; beyond: 502
 * @param headers field lines of a response; beyond: 502. Trailers count by themselves; beyond, the response breaks off
 * @param requests on the way to the origin at a time
 */
public record OriginLimits(int headBytes, int headers, int requests) {}
