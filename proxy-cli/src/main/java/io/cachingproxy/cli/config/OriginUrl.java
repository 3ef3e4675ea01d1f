package io.cachingproxy.cli.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;

/** Parses the URL of an origin: http or https, a host, an optional port, an optional path prefix. */
public final class OriginUrl {
    private static final Set<String> SCHEMES = Set.of("http", "https");

    private OriginUrl() {}

    public static URI parse(String text) {
        URI url = uri(text);
        check(
                url.getScheme() != null && SCHEMES.contains(url.getScheme().toLowerCase(Locale.ROOT)),
                text,
                "begins neither with http:// nor with https://");
        check(url.getHost() != null, text, "has no valid host name");
        check(url.getPort() != 0 && url.getPort() <= 65535, text, "has no valid port");
        check(url.getRawUserInfo() == null, text, "must not have a user or password");
        check(url.getRawQuery() == null, text, "must not have a query");
        check(url.getRawFragment() == null, text, "must not have a fragment");
        return url;
    }

    public static boolean isSecure(URI origin) {
        return origin.getScheme().equalsIgnoreCase("https");
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + text + "' is not a URL: " + e.getReason(), e);
        }
    }

    private static void check(boolean holds, String text, String complaint) {
        if (!holds) {
            throw new IllegalArgumentException("'" + text + "' " + complaint);
        }
    }
}
