package io.cachingproxy.jetty;

import java.net.URI;

/** The path of an origin's URL, as it goes in front of each request's. */
final class OriginPrefix {
    private OriginPrefix() {}

    /** The raw path without a slash at its end; empty if there is none. */
    static String of(URI origin) {
        String path = origin.getRawPath() == null ? "" : origin.getRawPath();
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
