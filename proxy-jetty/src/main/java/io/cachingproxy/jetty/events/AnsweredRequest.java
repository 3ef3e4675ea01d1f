package io.cachingproxy.jetty.events;

import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.Target;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.rules.Site;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A request of a client and its response.
 *
 * @param client the address of the client: of the peer, or the one that trusted peers report; null if it is unknown
 * @param protocol such as {@code HTTP/1.1}
 * @param method as sent by the client: not necessarily a known one
 * @param target as sent by the client; its parts are empty if the request was malformed
 * @param headers of the request, without the fields that are not forwarded
 * @param cached the request as the cache resolved it; null if it never reached the cache
 * @param status of the response
 * @param cacheStatus how the cache handled the request; null if it never reached the cache
 * @param response the headers of the response; empty if the request never reached the cache
 * @param bytes of content that were sent
 * @param complete whether all of the response was written
 * @param headNanos nanoseconds from the head of the request to the head of the response
 * @param totalNanos nanoseconds from the head of the request to the end of the response
 * @param endNanos {@link System#nanoTime()} at the end of the response
 * @param attempts number of attempts at servers of the origin; 0 if the request was not sent to the origin
 * @param origin the part of the time that the origin took; null if the request was not sent to the origin
 * @param traceId the id of the trace of the request's span; null without a span
 */
public record AnsweredRequest(
        @Nullable InetAddress client,
        String protocol,
        String method,
        Target target,
        Headers headers,
        @Nullable CacheRequest cached,
        int status,
        @Nullable CacheStatus cacheStatus,
        Headers response,
        long bytes,
        boolean complete,
        long headNanos,
        long totalNanos,
        long endNanos,
        int attempts,
        CacheListener.@Nullable OriginTime origin,
        @Nullable String traceId) {
    /** The name of the site; null if there is none. */
    public @Nullable String site() {
        Site site = cached == null ? null : cached.site();
        return site == null ? null : site.name();
    }

    /** The name of the last rule that matched the request; null if there is none. */
    public @Nullable String rule() {
        return cached == null ? null : cached.treatment().lastRule();
    }

    /** Why the request was forwarded, or why a stale response was used; null for other hits. */
    public @Nullable Reason reason() {
        if (cacheStatus == null) {
            return null;
        }
        return cacheStatus.hit() ? cacheStatus.detail() : cacheStatus.forwarded();
    }

    /** Why the response of the origin was not stored; null if it was stored, or there was none. */
    public @Nullable Reason notStored() {
        if (cacheStatus == null || cacheStatus.hit() || cacheStatus.stored() || cacheStatus.collapsed()) {
            return null;
        }
        return cacheStatus.detail();
    }
}
