package io.cachingproxy.key;

import io.cachingproxy.http.Target;
import java.net.URI;

/**
 * The URL of the only origin behind a proxy, whose scheme, host and path replace those of client URLs in cache keys: so
 * the client's Host, which the origin never sees, neither splits nor poisons the cache.
 *
 * @param scheme of the origin
 * @param authority of the origin
 * @param prefix the raw path prepended to the path of each request, without a slash at its end; empty if there is none
 */
public record KeyBase(String scheme, String authority, String prefix) {
    /**
     * Creates the base of an origin.
     *
     * @param origin its URL, with scheme and host
     */
    public static KeyBase of(URI origin) {
        String path = origin.getRawPath() == null ? "" : origin.getRawPath();
        String prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return new KeyBase(origin.getScheme(), origin.getRawAuthority(), prefix);
    }

    /** The target at the origin for this target of a client; {@code *} is the origin as a whole. */
    public Target of(Target client) {
        return target(client.pathAndQuery());
    }

    /** The target at the origin for this raw path and query of a client. */
    public Target target(String pathAndQuery) {
        return new Target(scheme, authority, pathAndQuery.equals("*") ? pathAndQuery : prefix + pathAndQuery);
    }

    /**
     * The inverse of {@link #of}: the client's target for this target of the origin, with scheme and host of
     * {@code client}.
     */
    public Target back(Target origin, Target client) {
        String path = origin.pathAndQuery();
        String rest = path.startsWith(prefix) ? path.substring(prefix.length()) : path;
        return new Target(client.scheme(), client.authority(), rest);
    }
}
