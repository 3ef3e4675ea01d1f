package io.cachingproxy.http;

/**
 * What a request asks for: the scheme and authority of the connection, and path and query exactly as they came
 * (RFC 9110 §7.1). Nothing is decoded or normalised, so that the key and the forwarded request can never differ.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority host and port, lower-case, as in {@code example.org} or {@code example.org:8080}
 * @param pathAndQuery the raw path, with {@code ?} and the raw query if there is one
 */
public record Target(String scheme, String authority, String pathAndQuery) {
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
