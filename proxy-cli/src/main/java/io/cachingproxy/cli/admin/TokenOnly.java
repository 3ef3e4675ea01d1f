package io.cachingproxy.cli.admin;

import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Refuses requests without the token: a bearer token (RFC 6750), the password of Basic authentication (RFC 7617), or the
 * field Fastly-Key for Fastly's API. Health checks and the static files of the dashboard need none.
 *
 * <p>A browser adds the credentials of Basic authentication by itself to requests of other web pages: those are refused,
 * also by their Origin. Without the right credentials no web page can forge a request, whatever its Host.
 */
final class TokenOnly extends Handler.Wrapper {
    private final AdminAccess access;

    TokenOnly(AdminAccess access, Handler handler) {
        super(handler);
        this.access = access;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = Request.getPathInContext(request);
        if (SameSite.isHarmless(path)) {
            return super.handle(request, response, callback);
        }
        AdminToken.Shown shown = shown(request.getHeaders(), path.startsWith(PurgeDialectsApi.FASTLY));
        AdminAccess.Permission permission = access.permission(shown, request.getMethod());
        if (permission == AdminAccess.Permission.UNKNOWN) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
            AdminExchange.text(response, 401, "The token is missing or wrong", callback);
            return true;
        }
        if (permission == AdminAccess.Permission.READ_ONLY) {
            AdminExchange.text(response, 403, "The token is for reading only", callback);
            return true;
        }
        if (shown != null && shown.automatic() && isOfAnotherPage(request)) {
            SameSite.refuse(response, callback);
            return true;
        }
        return super.handle(request, response, callback);
    }

    private static AdminToken.@Nullable Shown shown(HttpFields fields, boolean fastly) {
        List<String> authorizations = fields.getValuesList(HttpHeader.AUTHORIZATION);
        List<String> keys = fields.getValuesList("Fastly-Key");
        if (fastly && authorizations.isEmpty() && keys.size() == 1) {
            return new AdminToken.Shown(keys.get(0), false);
        }
        return authorizations.size() == 1 ? AdminToken.Shown.in(authorizations.get(0)) : null;
    }

    private static boolean isOfAnotherPage(Request request) {
        String host = request.getHeaders().get(HttpHeader.HOST);
        return request.getHeaders().getValuesList(HttpHeader.ORIGIN).stream()
                .anyMatch(origin -> !origin.replaceFirst("^https?://", "").equalsIgnoreCase(host));
    }
}
