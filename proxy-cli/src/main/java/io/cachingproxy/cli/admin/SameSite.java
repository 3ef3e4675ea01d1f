package io.cachingproxy.cli.admin;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses requests that a browser makes for pages of other sites, by the field that it adds itself (Fetch Metadata).
 * Programs without this field are not concerned, nor are {@linkplain #isHarmless harmless} resources.
 */
final class SameSite extends Handler.Wrapper {
    private static final String FIELD = "Sec-Fetch-Site";

    SameSite(Handler handler) {
        super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (isHarmless(Request.getPathInContext(request)) || !isOfAnotherSite(request)) {
            return super.handle(request, response, callback);
        }
        refuse(response, callback);
        return true;
    }

    /** Answers a request of a page of another site. */
    static void refuse(Response response, Callback callback) {
        AdminExchange.text(response, 403, "Not for requests of other web pages", callback);
    }

    /** Each of several fields counts. */
    private static boolean isOfAnotherSite(Request request) {
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
