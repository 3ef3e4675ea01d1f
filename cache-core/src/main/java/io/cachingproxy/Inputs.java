package io.cachingproxy;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Outcome;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.policy.Reason;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.policy.Terms;
import io.cachingproxy.rules.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values that a decision depends on, in words. Credentials are named, but their values are not shown. */
final class Inputs {
    private Inputs() {}

    /** The inputs of a condition of the reuse decision. */
    static String of(Reason reason, CacheRequest request, @Nullable StoredResponse stored, Instant now) {
        RequestHead head = request.head();
        Terms terms = stored == null
                ? request.treatment().beforeResponse()
                : request.treatment().forResponse(stored.head());
        return switch (reason) {
            case METHOD -> "method " + head.method();
            case REQUEST_BODY -> head.hasBody() ? "the request has content" : "the request has no content";
            case PRECONDITION -> line("If-Match", head.headers()) + "; " + line("If-Unmodified-Since", head.headers());
            case CREDENTIALS -> credentials(terms, head);
            case RULE -> by(request.treatment().setBy(), Setting.BYPASS, "bypass");
            case SHADOW -> shadow(request);
            case URI_MISS -> "no usable response is stored under the key";
            case VARY_MISS -> "the request has other values of the selecting fields than the stored responses";
            case PARTIAL -> "a part of the response is stored";
            case RESPONSE_NO_CACHE -> stored == null ? "" : control(terms.policy(), stored.head());
            case REQUEST_NO_CACHE, ONLY_IF_CACHED -> asked(terms, head);
            case REQUEST_MAX_AGE, REQUEST_MIN_FRESH, REQUEST_MAX_STALE -> asked(terms, head) + "; " + age(stored, now);
            default -> age(stored, now);
        };
    }

    /**
     * The inputs of a condition of the storage decision.
     *
     * @param most the longest body that is stored without a rule, in bytes
     */
    static String of(Reason reason, CacheRequest request, ResponseHead response, Outcome outcome, long most) {
        RequestHead head = request.head();
        Terms terms = request.treatment().forResponse(response);
        Headers headers = response.headers();
        return switch (reason) {
            case RULE ->
                request.bypasses()
                        ? by(request.treatment().setBy(), Setting.BYPASS, "bypass")
                        : by(request.response(response).setBy(), Setting.STORE, "store");
            case SHADOW -> shadow(request);
            case METHOD, METHOD_NOT_STORED -> "method " + head.method();
            case REQUEST_BODY -> "the request has content";
            case REQUEST_NO_STORE -> asked(terms, head);
            case PARTIAL_NOT_STORED -> "status " + response.status() + "; request: " + line("Range", head.headers());
            case RESPONSE_NO_STORE, RESPONSE_PRIVATE -> control(terms.policy(), response);
            case AUTHORIZATION ->
                presence("Authorization", terms, head) + "; response: " + control(terms.policy(), response);
            case SET_COOKIE -> headers.contains("Set-Cookie") ? "Set-Cookie is present" : "no Set-Cookie";
            case CREDENTIALS -> credentials(terms, head) + "; response: " + control(terms.policy(), response);
            case VARY_STAR -> line("Vary", headers);
            case STATUS_NOT_UNDERSTOOD, NO_FRESHNESS ->
                "status " + response.status() + "; " + control(terms.policy(), response) + "; "
                        + line("Expires", headers);
            case NO_REUSE ->
                control(terms.policy(), response) + "; " + line("ETag", headers) + "; "
                        + line("Last-Modified", headers);
            case TOO_LARGE ->
                line("Content-Length", headers) + "; at most " + request.longestBody(response, most)
                        + " bytes are stored";
            case STORED -> outcome instanceof Outcome.Store store ? lifetime(request, response, store) : "";
            default -> "status " + response.status();
        };
    }

    private static String shadow(CacheRequest request) {
        return "site \"" + (request.site() == null ? "" : request.site().name())
                + "\" is a shadow: every request is forwarded, and nothing is stored";
    }

    private static String lifetime(CacheRequest request, ResponseHead response, Outcome.Store store) {
        Freshness freshness = store.freshness();
        String rule = request.response(response).setBy().get(Setting.TTL);
        String source = rule != null
                ? "rule \"" + rule + '"'
                : freshness.explicit()
                        ? "the origin's explicit lifetime"
                        : "no explicit lifetime: default or heuristic";
        return "lifetime " + text(freshness.lifetime()) + " (" + source + ")"
                + (freshness.noCache() ? "; no-cache: each use is validated" : "");
    }

    private static String by(Map<Setting, String> setBy, Setting setting, String word) {
        String rule = setBy.get(setting);
        return rule == null ? "no rule sets " + word : "rule \"" + rule + "\" sets " + word;
    }

    private static String asked(Terms terms, RequestHead head) {
        String own = line("Cache-Control", head.headers())
                + (head.headers().contains("Pragma") ? "; " + line("Pragma", head.headers()) : "");
        boolean ignored = !terms.seen(head).headers().contains("Cache-Control")
                && head.headers().contains("Cache-Control");
        return "request: " + own + (ignored ? " (ignored by a rule)" : "");
    }

    private static String credentials(Terms terms, RequestHead head) {
        return presence("Authorization", terms, head) + "; " + presence("Cookie", terms, head);
    }

    private static String presence(String field, Terms terms, RequestHead head) {
        if (!head.headers().contains(field)) {
            return "no " + field;
        }
        return field + (terms.seen(head).headers().contains(field) ? " is present" : " is ignored by a rule");
    }

    /** The field with the directives that count (RFC 9213 §2.2). */
    private static String control(Policy policy, ResponseHead response) {
        List<String> lines = new ArrayList<>();
        for (String field : policy.targets()) {
            if (response.headers().contains(field)) {
                lines.add(line(field, response.headers()));
            }
        }
        lines.add(line("Cache-Control", response.headers()));
        return String.join("; ", lines);
    }

    private static String line(String field, Headers headers) {
        String value = headers.combined(field);
        return value == null ? "no " + field : field + ": " + value;
    }

    private static String age(@Nullable StoredResponse stored, Instant now) {
        if (stored == null) {
            return "no stored response";
        }
        Freshness freshness = stored.freshness();
        String stale = freshness.stale().whileRevalidating().isZero()
                ? ""
                : "; stale-while-revalidate " + text(freshness.stale().whileRevalidating());
        return "age " + text(freshness.age(now)) + "; lifetime " + text(freshness.lifetime()) + stale
                + (freshness.stale().mustRevalidate() ? "; must-revalidate" : "");
    }

    private static String text(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
