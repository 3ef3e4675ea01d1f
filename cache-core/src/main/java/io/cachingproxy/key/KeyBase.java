package io.cachingproxy.key;

import io.cachingproxy.http.Target;
import java.net.URI;

/**
 * The URL of the only origin behind a proxy, whose scheme, host and path are part of each key in place of those that
 * clients use: so the Host of a client, which the origin never sees, neither splits nor poisons what is stored.
 *
 * @param scheme of the origin
 * @param authority of the origin
 * @param prefix the raw path that goes in front of each request's, without a slash at its end; empty if there is none
 */
public record KeyBase(String scheme, String authority, String prefix) {
    /**
     * The base of an origin.
     *
     * @param origin its URL, with scheme and host
     */
    public static KeyBase of(URI origin) {
        String path = origin.getRawPath() == null ? "" : origin.getRawPath();
        String prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return new KeyBase(origin.getScheme(), origin.getRawAuthority(), prefix);
    }

    /** What is asked of the origin for this target of a client; {@code *} is the origin as a whole. */
    public Target of(Target client) {
        return target(client.pathAndQuery());
    }

    /** The same for this raw path and query. */
    public Target target(String pathAndQuery) {
        return new Target(scheme, authority, pathAndQuery.equals("*") ? pathAndQuery : prefix + pathAndQuery);
    }

    /** What a client asks for to get this target of the origin, under scheme and host of {@code client}. */
    public Target back(Target origin, Target client) {
        String path = origin.pathAndQuery();
        String rest = path.startsWith(prefix) ? path.substring(prefix.length()) : path;
        return new Target(client.scheme(), client.authority(), rest);
    }
}
