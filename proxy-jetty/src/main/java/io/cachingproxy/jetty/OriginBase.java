package io.cachingproxy.jetty;

import io.cachingproxy.http.Target;
import java.net.URI;

/**
 * An origin's URL, to be put in front of what a client asks for.
 *
 * @param prefix the raw path without a slash at its end; empty if there is none
 */
record OriginBase(String scheme, String authority, String prefix) {
    static OriginBase of(URI origin) {
        String path = origin.getRawPath() == null ? "" : origin.getRawPath();
        String prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return new OriginBase(origin.getScheme(), origin.getRawAuthority(), prefix);
    }

    /** What is asked of the origin for this raw path and query; {@code *} is the origin as a whole. */
    Target target(String pathAndQuery) {
        return new Target(scheme, authority, pathAndQuery.equals("*") ? pathAndQuery : prefix + pathAndQuery);
    }
}
