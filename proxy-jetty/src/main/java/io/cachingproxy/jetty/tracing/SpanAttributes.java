package io.cachingproxy.jetty.tracing;

import io.cachingproxy.OriginException;
import io.cachingproxy.http.Hosts;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.events.AnsweredRequest;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.policy.Decision;
import io.cachingproxy.policy.Reason;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of spans: those of the semantic conventions of OpenTelemetry for HTTP, and those of this proxy, whose
 * names begin with {@code caching_proxy}. Queries are left out, and paths redacted, because they may contain secrets.
 */
public final class SpanAttributes {
    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> METHOD_ORIGINAL = AttributeKey.stringKey("http.request.method_original");
    private static final AttributeKey<String> SCHEME = AttributeKey.stringKey("url.scheme");
    private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
    private static final AttributeKey<String> FULL = AttributeKey.stringKey("url.full");
    private static final AttributeKey<String> SERVER_ADDRESS = AttributeKey.stringKey("server.address");
    private static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
    private static final AttributeKey<String> CLIENT_ADDRESS = AttributeKey.stringKey("client.address");
    private static final AttributeKey<String> USER_AGENT = AttributeKey.stringKey("user_agent.original");
    private static final AttributeKey<String> VERSION = AttributeKey.stringKey("network.protocol.version");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final AttributeKey<Long> RESEND_COUNT = AttributeKey.longKey("http.request.resend_count");
    static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
    private static final AttributeKey<String> RESULT = AttributeKey.stringKey("caching_proxy.result");
    private static final AttributeKey<String> REASON = AttributeKey.stringKey("caching_proxy.reason");
    private static final AttributeKey<String> NOT_STORED = AttributeKey.stringKey("caching_proxy.not_stored");
    private static final AttributeKey<String> SITE = AttributeKey.stringKey("caching_proxy.site");
    private static final AttributeKey<String> RULE = AttributeKey.stringKey("caching_proxy.rule");
    private static final AttributeKey<Boolean> COMPLETE = AttributeKey.booleanKey("caching_proxy.complete");
    private static final AttributeKey<String> DECISION = AttributeKey.stringKey("caching_proxy.decision");

    /** The value of {@code error.type} and {@code http.request.method} for all others. */
    static final String OTHER = "_OTHER";

    private static final Set<String> METHODS =
            Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE");
    private static final int LONGEST_METHOD = 32;
    private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}");

    private SpanAttributes() {}

    /** The names of the attributes of SERVER spans. */
    public static List<String> ofServer() {
        return names(
                METHOD,
                METHOD_ORIGINAL,
                SCHEME,
                PATH,
                SERVER_ADDRESS,
                SERVER_PORT,
                CLIENT_ADDRESS,
                USER_AGENT,
                VERSION,
                STATUS,
                ERROR_TYPE,
                RESULT,
                REASON,
                NOT_STORED,
                SITE,
                RULE,
                COMPLETE);
    }

    /** The names of the attributes of spans of the lookup. */
    public static List<String> ofLookup() {
        return names(REASON, DECISION);
    }

    /** The names of the attributes of CLIENT spans. */
    public static List<String> ofClient() {
        return names(METHOD, METHOD_ORIGINAL, FULL, SERVER_ADDRESS, SERVER_PORT, STATUS, RESEND_COUNT, ERROR_TYPE);
    }

    private static List<String> names(AttributeKey<?>... keys) {
        return Stream.of(keys).map(AttributeKey::getKey).toList();
    }

    /** Sets an attribute of a span, or of one that is not begun. */
    interface Sink {
        <T> Object set(AttributeKey<T> key, T value);
    }

    private static <T> void put(Sink sink, AttributeKey<T> key, @Nullable T value) {
        if (value != null) {
            sink.set(key, value);
        }
    }

    /** The name of a SERVER or CLIENT span: the method, of which there are few. */
    static String spanName(RequestHead head) {
        return METHODS.contains(head.method()) ? head.method() : "HTTP";
    }

    /**
     * The attributes of a SERVER span that are known at its beginning, so that samplers can use them.
     *
     * @param path the path, without secrets
     */
    static void request(Sink sink, RequestHead head, String path) {
        method(sink, head);
        Target target = head.target();
        sink.set(SCHEME, target.scheme());
        sink.set(PATH, path);
        server(sink, target);
        put(sink, USER_AGENT, head.headers().first("User-Agent"));
    }

    /**
     * The attributes of a CLIENT span that are known at its beginning.
     *
     * @param path the path, without secrets
     */
    static void attempt(Sink sink, RequestHead head, String path, int number) {
        method(sink, head);
        Target target = head.target();
        sink.set(FULL, target.origin() + path);
        server(sink, target);
        if (number > 1) {
            sink.set(RESEND_COUNT, number - 1L);
        }
    }

    private static void method(Sink sink, RequestHead head) {
        String method = head.method();
        if (METHODS.contains(method)) {
            sink.set(METHOD, method);
        } else {
            sink.set(METHOD, OTHER);
            sink.set(METHOD_ORIGINAL, method.substring(0, Math.min(LONGEST_METHOD, method.length())));
        }
    }

    private static void server(Sink sink, Target target) {
        String authority = target.authority();
        int end = Hosts.hostEnd(authority);
        boolean hasPort = PORT.matcher(authority.substring(end)).matches();
        sink.set(SERVER_ADDRESS, hasPort ? authority.substring(0, end) : authority);
        long byScheme = target.scheme().equals("https") ? 443 : 80;
        sink.set(SERVER_PORT, hasPort ? Long.valueOf(authority.substring(end + 1)) : byScheme);
    }

    static void decision(Sink sink, Decision decision) {
        sink.set(DECISION, decision.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        sink.set(REASON, decision.reason().token());
    }

    /** The attributes of a SERVER span that are known at its end. */
    static void answered(Sink sink, AnsweredRequest request) {
        put(
                sink,
                CLIENT_ADDRESS,
                request.client() == null ? null : request.client().getHostAddress());
        sink.set(VERSION, request.protocol().replace("HTTP/", "").replace("2.0", "2"));
        put(
                sink,
                RESULT,
                request.cacheStatus() == null
                        ? null
                        : Result.of(request.cacheStatus()).tag());
        put(sink, REASON, token(request.reason()));
        put(sink, NOT_STORED, token(request.notStored()));
        put(sink, SITE, request.site());
        put(sink, RULE, request.rule());
        sink.set(COMPLETE, request.complete());
    }

    private static @Nullable String token(@Nullable Reason reason) {
        return reason == null ? null : reason.token();
    }

    /** Sets the status code, and the status of the span to an error from {@code error} on. */
    static void status(Span span, int status, int error) {
        span.setAttribute(STATUS, status);
        if (status >= error) {
            span.setStatus(StatusCode.ERROR);
            span.setAttribute(ERROR_TYPE, String.valueOf(status));
        }
    }

    /** The class of the cause, of which there are few. */
    static String errorType(OriginException fault) {
        Throwable cause = fault.getCause();
        if (fault.kind() == OriginException.Kind.TIMEOUT) {
            return "timeout";
        }
        return cause == null ? OTHER : cause.getClass().getName();
    }
}
