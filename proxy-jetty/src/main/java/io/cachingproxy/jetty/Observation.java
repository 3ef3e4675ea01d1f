package io.cachingproxy.jetty;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheListener;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.Exchange;
import io.cachingproxy.http.Headers;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.tracing.TracedRequest;
import io.cachingproxy.jetty.tracing.Tracing;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** What is known of a request to the cache, for the listeners of answered requests. */
final class Observation {
    private final CacheRequest request;
    private final Tracing tracing;
    private final long begun;
    private volatile @Nullable TracedRequest traced;
    private volatile @Nullable Answer answer;
    private volatile @Nullable Exchange fetch;
    /** When the head was known; null: it was written together with the content. */
    private volatile @Nullable Long headAt;

    /** @param begun when the request was read ({@link System#nanoTime}) */
    Observation(CacheRequest request, Tracing tracing, long begun) {
        this.request = request;
        this.tracing = tracing;
        this.begun = begun;
    }

    CacheRequest request() {
        return request;
    }

    /** The spans of the request. The first call begins them: only once it is certain who serves the request. */
    TracedRequest traced() {
        TracedRequest known = traced;
        if (known == null) {
            known = tracing.begin(request.head(), begun);
            traced = known;
        }
        return known;
    }

    /** The answer is known, and sent from now on. */
    Answer answered(Answer value) {
        headAt = System.nanoTime();
        answer = value;
        return value;
    }

    /** The answer is a hit, whose head is written together with the content. */
    Answer hit(Answer value) {
        answer = value;
        return value;
    }

    /** The request is sent to the origin. */
    void fetched(Exchange exchange) {
        fetch = exchange;
    }

    /**
     * The request, now that its response has ended. Ends its span.
     *
     * @param status of the response as sent
     * @param bytes of content that were sent
     */
    AnsweredRequest ended(@Nullable InetAddress client, String protocol, int status, long bytes, boolean complete) {
        AnsweredRequest ended = described(client, protocol, status, bytes, complete);
        traced().ended(ended);
        return ended;
    }

    private AnsweredRequest described(
            @Nullable InetAddress client, String protocol, int status, long bytes, boolean complete) {
        Answer known = answer;
        CacheStatus cacheStatus = known == null ? null : known.status();
        long end = System.nanoTime();
        long total = Math.max(0, end - begun);
        Long head = headAt;
        return new AnsweredRequest(
                client,
                protocol,
                request.head().method(),
                request.head().target(),
                request.head().headers(),
                request,
                status,
                cacheStatus,
                known == null ? Headers.EMPTY : known.head().headers(),
                bytes,
                complete,
                head == null ? total : Math.max(0, head - begun),
                total,
                end,
                attempts(),
                origin(cacheStatus),
                traced().traceId());
    }

    private int attempts() {
        Exchange exchange = fetch;
        return exchange == null ? 0 : exchange.attempts();
    }

    private CacheListener.@Nullable OriginTime origin(@Nullable CacheStatus status) {
        Exchange exchange = fetch;
        boolean forwarded = status != null && status.forwarded() != null && !status.collapsed();
        return forwarded && exchange != null ? exchange.originTime() : null;
    }
}
