package io.cachingproxy.cli.requests;

import io.cachingproxy.cli.text.Json;
import io.cachingproxy.http.Headers;
import io.cachingproxy.net.TraceParent;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The format of a line of the access log. */
public enum LogFormat {
    /** The combined log format of NCSA and Apache. */
    COMBINED {
        @Override
        String line(RequestRecord request, @Nullable String referer, Headers headers) {
            return (request.client() == null ? "-" : request.client().getHostAddress()) + " - - ["
                    + TIME.format(request.time()) + "] \""
                    + escaped(request.method()) + ' ' + escaped(request.path()) + ' ' + escaped(request.protocol())
                    + "\" " + request.status() + ' ' + (request.bytes() == 0 ? "-" : request.bytes())
                    + " \"" + quoted(referer) + "\" \"" + quoted(headers.first("User-Agent")) + '"';
        }
    },

    /** One JSON object a line, with the names of {@code GET /api/requests}. */
    JSON {
        @Override
        String line(RequestRecord request, @Nullable String referer, Headers headers) {
            Map<String, Object> values = request.values();
            put(values, "referer", referer);
            put(values, "user-agent", headers.first("User-Agent"));
            put(values, "trace-id", traceId(request, headers));
            return Json.of(values);
        }
    },

    /** One JSON object a line, with the names of the Elastic Common Schema 8. */
    ECS {
        @Override
        String line(RequestRecord request, @Nullable String referer, Headers headers) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("@timestamp", request.time().toString());
            values.put("ecs.version", "8.11.0");
            values.put("event.kind", "event");
            values.put("event.category", "web");
            values.put("event.outcome", request.status() < 400 ? "success" : "failure");
            values.put("event.duration", request.totalNanos());
            put(
                    values,
                    "client.ip",
                    request.client() == null ? null : request.client().getHostAddress());
            values.put("http.version", request.protocol().replaceFirst("^HTTP/", ""));
            values.put("http.request.method", request.method());
            put(values, "http.request.referrer", referer);
            values.put("http.response.status_code", request.status());
            values.put("http.response.body.bytes", request.bytes());
            values.put("url.full", request.url());
            put(values, "user_agent.original", headers.first("User-Agent"));
            put(values, "trace.id", traceId(request, headers));
            request.values().forEach((name, value) -> {
                if (OWN.matcher(name).matches()) {
                    values.put("caching_proxy." + name.replace('-', '_'), value);
                }
            });
            return Json.of(values);
        }
    };

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final Pattern OWN = Pattern.compile(
            "result|reason|not-stored|site|rule|age|origin|origin-status|origin-ms|attempts|complete|first-byte-ms");

    /** Finds a format by its name in lower case. */
    public static LogFormat parse(String text) {
        for (LogFormat format : values()) {
            if (format.name().equalsIgnoreCase(text)) {
                return format;
            }
        }
        throw new IllegalArgumentException("'" + text + "' is none of combined, json, ecs");
    }

    /**
     * A line without its line feed.
     *
     * @param referer the value of Referer, redacted; null without one
     * @param headers of the request, as received
     */
    abstract String line(RequestRecord request, @Nullable String referer, Headers headers);

    private static void put(Map<String, Object> values, String name, @Nullable Object value) {
        if (value != null) {
            values.put(name, value);
        }
    }

    /** The id of the trace: that of the span, else that of the client (W3C Trace Context). */
    private static @Nullable String traceId(RequestRecord request, Headers headers) {
        if (request.traceId() != null) {
            return request.traceId();
        }
        TraceParent parent = TraceParent.of(headers);
        return parent == null ? null : parent.traceId();
    }

    private static String quoted(@Nullable String text) {
        return text == null ? "-" : escaped(text);
    }

    /** The text without what would end a field or a line, or change a terminal. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                escaped.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                escaped.append(c < 256 ? String.format("\\x%02X", (int) c) : "\\u" + Integer.toHexString(c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
