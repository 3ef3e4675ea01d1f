package io.cachingproxy.origin;

import io.cachingproxy.http.Headers;
import io.cachingproxy.key.KeyBase;
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
 * @param servers the servers of the origin: each of them may name another one
 */
record OwnLocation(List<Server> servers) {
    private static final List<String> FIELDS = List.of("Location", "Content-Location");

    /**
     * A server of the origin.
     *
     * @param addresses scheme and authority of the server, and of the Host that it gets
     * @param prefix the path of the server's URL, which requests to it have in front; empty if there is none
     */
    record Server(Set<String> addresses, String prefix) {}

    /**
     * The addresses of the servers of an origin.
     *
     * @param host the Host that they get; null: that of their URLs
     */
    static OwnLocation of(List<URI> servers, @Nullable String host) {
        return new OwnLocation(
                servers.stream().map(server -> server(server, host)).toList());
    }

    private static Server server(URI server, @Nullable String host) {
        String scheme = server.getScheme().toLowerCase(Locale.ROOT);
        Set<String> addresses = new LinkedHashSet<>();
        addresses.add(address(scheme, server.getRawAuthority()));
        if (host != null) {
            addresses.add(address(scheme, host));
        }
        return new Server(addresses, KeyBase.of(server).prefix());
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

    /** The path that replaces a URL; null if the URL is not that of a server, or is no URL of the site. */
    private @Nullable String path(String url, UnaryOperator<@Nullable String> back) {
        int authority = url.indexOf("://") + 3;
        if (authority < 3 || url.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            return null; // the latter is no URL (RFC 3986): browsers drop tabs, so that a path can become another host
        }
        int end = authority;
        while (end < url.length() && "/?#".indexOf(url.charAt(end)) < 0) {
            end++;
        }
        String scheme = url.substring(0, authority - 3).toLowerCase(Locale.ROOT);
        String address = address(scheme, url.substring(authority, end));
        String rest = url.substring(end);
        String rooted = rest.startsWith("/") ? rest : "/" + rest;
        for (Server server : servers) {
            if (server.addresses().contains(address) && rooted.startsWith(server.prefix() + "/")) {
                String path = back.apply(rooted.substring(server.prefix().length()));
                return path == null || isOtherHost(path) ? null : path;
            }
        }
        return null;
    }

    /** Whether a client would take the path for a host: {@code //host/}, in browsers also {@code /\host}. */
    private static boolean isOtherHost(String path) {
        return path.length() > 1 && (path.charAt(1) == '/' || path.charAt(1) == '\\');
    }
}
