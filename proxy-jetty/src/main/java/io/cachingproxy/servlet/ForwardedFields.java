package io.cachingproxy.servlet;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Set;

/**
 * The fields by which a proxy tells the URL that the client asked for. An application that reads them itself makes its
 * links of them; they are in the key only as far as the request shows them, as it does behind a filter or a valve that
 * has taken them over.
 */
final class ForwardedFields {
    private static final Set<String> PREFIXES =
            Set.of("x-forwarded-prefix", "x-forwarded-context", "x-original-url", "x-rewrite-url", "x-script-name");

    private ForwardedFields() {}

    /** Whether this field gives the application another URL than the one of {@code request}. */
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
