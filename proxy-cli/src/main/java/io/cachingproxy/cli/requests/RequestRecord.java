package io.cachingproxy.cli.requests;

import io.cachingproxy.CacheListener.OriginTime;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.cli.text.Cut;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.policy.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is logged and shown of a request: no header fields other than those listed here, and no content.
 *
 * @param time when the response ended
 * @param path the path and query, with the values of secret parameters redacted
 * @param result how the cache answered; null if the request never reached the cache
 * @param reason why the request was forwarded, or why a stale response was used; null for other hits
 * @param notStored why the response of the origin was not stored; null if it was stored, or there was none
 * @param rule the last rule that matched the request
 * @param age the value of the response field Age, in seconds
 * @param origin the name of the origin; null if the request was not sent to one
 * @param originStatus 0 without a response
 * @param originNanos how long the origin took
 * @param attempts number of attempts at servers of the origin
 * @param bytes of content that were sent
 * @param complete whether all of the response was written
 * @param headNanos from the head of the request to the head of the response
 * @param traceId the id of the trace of the request's span; null without a span
 * @param totalNanos from the head of the request to the end of the response
 */
record RequestRecord(
        Instant time,
        @Nullable InetAddress client,
        String protocol,
        String method,
        String scheme,
        String host,
        String path,
        int status,
        @Nullable Result result,
        @Nullable Reason reason,
        @Nullable Reason notStored,
        @Nullable String site,
        @Nullable String rule,
        @Nullable String age,
        @Nullable String origin,
        int originStatus,
        long originNanos,
        int attempts,
        long bytes,
        boolean complete,
        long headNanos,
        @Nullable String traceId,
        long totalNanos) {
    private static final int LONGEST_HOST = 256;
    private static final int LONGEST_METHOD = 32;

    /** @param longest number of characters after which the path and query are cut */
    static RequestRecord of(AnsweredRequest request, Instant time, Redaction redaction, int longest) {
        CacheStatus status = request.cacheStatus();
        OriginTime origin = request.origin();
        String path = request.target().pathAndQuery();
        return new RequestRecord(
                time,
                request.client(),
                request.protocol(),
                Cut.at(LONGEST_METHOD, request.method()),
                request.target().scheme(),
                Cut.at(LONGEST_HOST, request.target().authority()),
                redaction.redacted(Cut.at(longest, path)),
                request.status(),
                status == null ? null : Result.of(status),
                request.reason(),
                request.notStored(),
                request.site(),
                request.rule(),
                request.response().first("Age"),
                origin == null ? null : originName(request),
                status == null ? 0 : status.originStatus(),
                origin == null ? 0 : nanos(origin, request.totalNanos()),
                request.attempts(),
                request.bytes(),
                request.complete(),
                request.headNanos(),
                request.traceId(),
                request.totalNanos());
    }

    private static String originName(AnsweredRequest request) {
        String name = request.cached() == null ? null : request.cached().originName();
        return name == null ? ProxyServer.UNNAMED : name;
    }

    private static long nanos(OriginTime origin, long total) {
        Duration time = origin.inAll() == null ? origin.toHead() : origin.inAll();
        return time == null ? total : time.toNanos();
    }

    String url() {
        return scheme + "://" + host + path;
    }

    /** The values by name. A value that is not known is missing. */
    Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("time", time.toString());
        put(values, "client", client == null ? null : client.getHostAddress());
        values.put("protocol", protocol);
        values.put("method", method);
        values.put("url", url());
        values.put("status", status);
        values.put("result", result == null ? "none" : result.tag());
        put(values, "reason", reason == null ? null : reason.token());
        put(values, "not-stored", notStored == null ? null : notStored.token());
        put(values, "site", site);
        put(values, "rule", rule);
        put(values, "age", age == null || !age.matches("[0-9]{1,10}") ? null : Long.valueOf(age));
        put(values, "origin", origin);
        if (origin != null) {
            put(values, "origin-status", originStatus == 0 ? null : originStatus);
            values.put("origin-ms", millis(originNanos));
            values.put("attempts", attempts);
        }
        values.put("bytes", bytes);
        values.put("complete", complete);
        values.put("first-byte-ms", millis(headNanos));
        values.put("total-ms", millis(totalNanos));
        return values;
    }

    private static void put(Map<String, Object> values, String name, @Nullable Object value) {
        if (value != null) {
            values.put(name, value);
        }
    }

    /** Milliseconds with three decimals. */
    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }
}
