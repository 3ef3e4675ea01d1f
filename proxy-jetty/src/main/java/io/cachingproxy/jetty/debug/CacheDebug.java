package io.cachingproxy.jetty.debug;

import io.cachingproxy.Answer;
import io.cachingproxy.CacheRequest;
import io.cachingproxy.CacheStatus;
import io.cachingproxy.http.Headers;
import io.cachingproxy.metrics.HttpCacheMetrics.Result;
import io.cachingproxy.policy.Reason;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The field {@code Cache-Debug}. A request sends a token in it ({@link DebugTokens}); the response to a request with a
 * valid token has the key, the rules and the decision in it, as a dictionary (RFC 9651 §3.2). A request with another
 * value is answered as one without.
 *
 * <p>The request field reaches neither the cache nor the origin.
 */
public final class CacheDebug {
    /** The name of the field, in requests and responses. */
    public static final String NAME = "Cache-Debug";

    /** The members of the dictionary, in their order. */
    public static final List<String> MEMBERS = List.of("key", "site", "rules", "result", "reason", "detail", "ttl");

    private static final int LONGEST_KEY = 1024;
    private static final int LONGEST_NAMES = 512;

    private final DebugTokens tokens;
    private final UnaryOperator<String> redacted;
    private final InstantSource clock;

    /**
     * @param redacted a key as it is shown: without secrets in its URL ({@link CacheRequest#keyText})
     * @param clock by which tokens expire
     */
    public CacheDebug(DebugTokens tokens, UnaryOperator<String> redacted, InstantSource clock) {
        this.tokens = tokens;
        this.redacted = redacted;
        this.clock = clock;
    }

    /** Whether the request has one field, with a valid token. */
    public boolean isAsked(Headers request) {
        if (!request.contains(NAME)) {
            return false;
        }
        List<String> values = request.all(NAME);
        return values.size() == 1 && tokens.accepts(values.get(0).strip(), clock.instant());
    }

    /** The answer with the field. */
    public Answer explained(CacheRequest request, Answer answer) {
        Headers headers = answer.head().headers().with(NAME, value(request, answer.status()));
        return new Answer(answer.head().withHeaders(headers), answer.content(), answer.status());
    }

    private String value(CacheRequest request, CacheStatus status) {
        StringBuilder value = new StringBuilder();
        value.append("key=").append(quoted(redacted.apply(request.keyText()), LONGEST_KEY));
        if (request.site() != null) {
            value.append(", site=").append(quoted(request.site().name(), LONGEST_NAMES));
        }
        value.append(", rules=")
                .append(quoted(String.join(", ", request.treatment().rules()), LONGEST_NAMES));
        value.append(", result=").append(Result.of(status).tag());
        Reason reason = reason(status);
        if (reason != null) {
            value.append(", reason=").append(reason.token());
        }
        if (status.detail() != null && status.detail() != reason) {
            value.append(", detail=").append(status.detail().token());
        }
        if (status.hit()) {
            value.append(", ttl=").append(Math.floorDiv(status.ttl().toMillis(), 1000L));
        }
        return value.toString();
    }

    private static @Nullable Reason reason(CacheStatus status) {
        if (status.hit()) {
            return status.detail() == null ? Reason.FRESH : status.detail();
        }
        return status.forwarded() == null ? status.detail() : status.forwarded();
    }

    /** A string (RFC 9651 §3.3.3), with {@code ?} for other characters than printable ones of ASCII. */
    private static String quoted(String text, int longest) {
        StringBuilder quoted = new StringBuilder("\"");
        int length = Math.min(longest, text.length());
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            quoted.append(c < ' ' || c > '~' ? '?' : c);
        }
        return quoted.append(length < text.length() ? "...\"" : "\"").toString();
    }
}
