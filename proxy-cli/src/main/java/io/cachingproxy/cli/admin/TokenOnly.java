package io.cachingproxy.cli.admin;

import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Refuses requests without the token (RFC 6750; in Fastly-Key for Fastly's API), except for health checks and the static files of the dashboard. */
final class TokenOnly extends Handler.Wrapper {
    private final AdminToken token;

    TokenOnly(AdminToken token, Handler handler) {
        super(handler);
        this.token = token;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = Request.getPathInContext(request);
        List<String> shown = path.startsWith(PurgeDialectsApi.FASTLY)
                        && !request.getHeaders().contains(HttpHeader.AUTHORIZATION)
                ? request.getHeaders().getValuesList("Fastly-Key").stream()
                        .map(key -> "Bearer " + key)
                        .toList()
                : request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION);
        boolean open = path.startsWith(HealthApi.PATH) || Dashboard.has(path);
        if (open || (shown.size() == 1 && token.isShownIn(shown.get(0)))) {
            return super.handle(request, response, callback);
        }
        response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        AdminExchange.text(response, 401, "The token is missing or wrong", callback);
        return true;
    }
}
