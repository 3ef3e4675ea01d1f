package io.cachingproxy.cli.admin;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.server.Request;

/**
 * Requests that a browser makes for pages of other sites, by the fields that it adds itself (Fetch Metadata). Programs
 * without such fields are not concerned.
 */
final class CrossSite {
    private static final String FIELD = "Sec-Fetch-Site";

    private CrossSite() {}

    /** Whether a page of another site causes the request; each of several fields counts. */
    static boolean isCause(Request request) {
        return request.getHeaders().stream()
                .filter(field -> field.is(FIELD))
                .map(HttpField::getValue)
                .anyMatch(site -> site == null || !(site.equals("same-origin") || site.equals("none")));
    }

    /** Whether a resource has no data, needs little work and changes nothing: permitted to all. */
    static boolean isHarmless(String path) {
        return path.startsWith(HealthApi.PATH) || Dashboard.has(path);
    }
}
