package io.cachingproxy.http.fields;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.syntax.ConnectionFields;
import java.util.HashSet;
import java.util.Set;

/** Removes hop-by-hop fields (RFC 9110 §7.6.1); see {@link ConnectionFields}. */
public final class HopByHop {
    private HopByHop() {}

    /** A copy without hop-by-hop fields and without those that Connection lists. */
    public static Headers strip(Headers headers) {
        Set<String> listed = ConnectionFields.listed(headers.combined("Connection"));
        if (listed.isEmpty()) {
            return headers.without(ConnectionFields.ALWAYS);
        }
        Set<String> names = new HashSet<>(listed);
        names.addAll(ConnectionFields.ALWAYS);
        return headers.without(names);
    }
}
