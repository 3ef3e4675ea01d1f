package io.cachingproxy.servlet;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Set;

/**
 * Request fields in which a proxy reports the URL of the client's request. An application that reads these fields
 * itself builds links from them. The cache key has their values only if the request's URL does, as behind a filter or
 * valve that applies the fields.
 */
final class ForwardedFields {
    private static final Set<String> PREFIXES =
            Set.of("x-forwarded-prefix", "x-forwarded-context", "x-original-url", "x-rewrite-url", "x-script-name");

    private ForwardedFields() {}

    /** Whether this field reports a URL other than that of {@code request}. */
    static boolean changeUrl(String name, String value, HttpServletRequest request) {
        String lower = name.toLowerCase(Locale.ROOT);
        return switch (lower) {
            case "forwarded" -> value.toLowerCase(Locale.ROOT).matches("(?s).*\\b(host|proto)\\s*=.*");
            case "x-forwarded-host", "x-original-host", "x-host" -> !isHost(value, request);
            case "x-forwarded-server" -> !value.equalsIgnoreCase(request.getServerName());
            case "x-forwarded-proto", "x-forwarded-scheme", "x-url-scheme" ->
                !value.equalsIgnoreCase(request.getScheme());
            case "x-forwarded-ssl", "front-end-https" -> value.equalsIgnoreCase("on") != request.isSecure();
            case "x-forwarded-port" -> !value.equals(Integer.toString(request.getServerPort()));
            default -> PREFIXES.contains(lower);
        };
    }

    private static boolean isHost(String value, HttpServletRequest request) {
        String host = request.getServerName();
        return value.equalsIgnoreCase(host) || value.equalsIgnoreCase(host + ':' + request.getServerPort());
    }
}
