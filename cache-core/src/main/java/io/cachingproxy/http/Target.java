package io.cachingproxy.http;

import java.net.URI;
import java.util.Locale;

/**
 * What a request asks for: the scheme and authority of the connection, and path and query exactly as they came
 * (RFC 9110 §7.1). Nothing is decoded or normalised, so that the key and the forwarded request can never differ.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority host and port, lower-case, as in {@code example.org} or {@code example.org:8080}
 * @param pathAndQuery the raw path, with {@code ?} and the raw query if there is one
 */
public record Target(String scheme, String authority, String pathAndQuery) {
    private static final int MAX_PORT = 65535;

    /**
     * The target of an absolute URL. Scheme and host are put in lower case, the default port of the scheme is dropped, and
     * an empty path becomes {@code /} (RFC 9110 §4.2.3); path and query are otherwise kept byte for byte.
     *
     * @throws IllegalArgumentException if the scheme is neither {@code http} nor {@code https}, or if the URL has no valid
     *     host, a port outside 1 to 65535, a user or password, or a fragment; the message names the part that is wrong
     */
    public static Target of(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("https");
        check(secure || scheme.equals("http"), "begins neither with http:// nor with https://");
        check(url.getRawUserInfo() == null, "must not have a user or password");
        check(url.getHost() != null, "has no valid host name");
        check(url.getPort() != 0 && url.getPort() <= MAX_PORT, "has no valid port");
        check(url.getRawFragment() == null, "must not have a fragment");
        String host = url.getHost().toLowerCase(Locale.ROOT);
        boolean usual = url.getPort() == -1 || url.getPort() == (secure ? 443 : 80);
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return new Target(
                scheme,
                usual ? host : host + ':' + url.getPort(),
                url.getRawQuery() == null ? path : path + '?' + url.getRawQuery());
    }

    /** The URL itself is not in the message: it may hold secrets. */
    private static void check(boolean holds, String complaint) {
        if (!holds) {
            throw new IllegalArgumentException("the URL " + complaint);
        }
    }

    /** The raw path, without the query. */
    public String path() {
        int query = pathAndQuery.indexOf('?');
        return query < 0 ? pathAndQuery : pathAndQuery.substring(0, query);
    }

    /** Scheme and authority: {@code scheme://authority}. */
    public String origin() {
        return scheme + "://" + authority;
    }

    /** The URL: {@code scheme://authority/path?query}. */
    public String url() {
        return scheme + "://" + authority + pathAndQuery;
    }

    /** The URL less its query: the query may hold secrets. */
    @Override
    public String toString() {
        return scheme + "://" + authority + path();
    }
}
