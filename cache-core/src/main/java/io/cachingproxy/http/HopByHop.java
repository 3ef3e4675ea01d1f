package io.cachingproxy.http;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** The fields that speak of one connection and go no further (RFC 9110 §7.6.1). */
public final class HopByHop {
    private static final Set<String> ALWAYS = Set.of(
            "connection",
            "proxy-connection",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-authorization");

    private HopByHop() {}

    /** These headers less the hop-by-hop ones and those that Connection lists. */
    public static Headers strip(Headers headers) {
        Set<String> names = ALWAYS;
        for (String name : headers.list("Connection")) {
            String listed = name.toLowerCase(Locale.ROOT);
            if (!names.contains(listed) && !listed.equals("close")) { // which is no field
                names = new HashSet<>(names);
                names.add(listed);
            }
        }
        return headers.without(names);
    }
}
