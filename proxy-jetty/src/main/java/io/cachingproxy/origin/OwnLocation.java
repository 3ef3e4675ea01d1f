package io.cachingproxy.origin;

import io.cachingproxy.http.Headers;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Maps a Location or Content-Location with the address of a server to the site (RFC 9110 §10.2.2, §8.7). The result is a
 * path, which a client resolves against the URL that it asked for, so it holds for every host of the site.
 *
 * @param addresses scheme and authority of the server, and of the Host that it gets
 * @param prefix the path of the server's URL, which requests to it have in front; empty if there is none
 */
record OwnLocation(Set<String> addresses, String prefix) {
    private static final List<String> FIELDS = List.of("Location", "Content-Location");

    /**
     * The addresses of a server.
     *
     * @param host the Host that it gets; null: that of its URL
     */
    static OwnLocation of(URI server, String prefix, @Nullable String host) {
        String scheme = server.getScheme().toLowerCase(Locale.ROOT);
        Set<String> addresses = new LinkedHashSet<>();
        addresses.add(address(scheme, server.getRawAuthority()));
        if (host != null) {
            addresses.add(address(scheme, host));
        }
        return new OwnLocation(addresses, prefix);
    }

    /** Lower case, without the default port. */
    private static String address(String scheme, String authority) {
        String port = scheme.equals("https") ? ":443" : ":80";
        String lower = authority.toLowerCase(Locale.ROOT);
        return scheme + "://" + (lower.endsWith(port) ? lower.substring(0, lower.length() - port.length()) : lower);
    }

    /**
     * The headers of a response with mapped locations.
     *
     * @param back the path and query of the client for one of the origin; null if there is none
     */
    Headers mapped(Headers response, UnaryOperator<@Nullable String> back) {
        Headers mapped = response;
        for (String field : FIELDS) {
            String value = response.first(field);
            String path = value == null ? null : path(value.strip(), back);
            if (path != null) {
                mapped = mapped.with(field, path);
            }
        }
        return mapped;
    }

    /** The path that replaces a URL; null if the URL is not the server's, or is no URL of the site. */
    private @Nullable String path(String url, UnaryOperator<@Nullable String> back) {
        if (url.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            return null; // no URL (RFC 3986); browsers drop tabs, so that a path can become another host
        }
        int authority = url.indexOf("://") + 3;
        if (authority < 3) {
            return null;
        }
        int end = authority;
        while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        String scheme = url.substring(0, authority - 3).toLowerCase(Locale.ROOT);
        if (!addresses.contains(address(scheme, url.substring(authority, end)))) {
            return null;
        }
        String rest = url.substring(end);
        String rooted = rest.startsWith("/") ? rest : "/" + rest;
        String below = rooted.startsWith(prefix) ? rooted.substring(prefix.length()) : null;
        if (below == null || !below.startsWith("/")) {
            return null;
        }
        String path = back.apply(below);
        return path == null || isOtherHost(path) ? null : path;
    }

    /** Whether a client would take the path for a host: {@code //host/}, in browsers also {@code /\host}. */
    private static boolean isOtherHost(String path) {
        return path.length() > 1 && (path.charAt(1) == '/' || path.charAt(1) == '\\');
    }
}
