package io.cachingproxy.jetty;

import io.cachingproxy.Purging;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.Target;
import io.cachingproxy.jetty.front.Forwardings;
import io.cachingproxy.store.Confirmation;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Purges the URL of a PURGE request from a permitted address, without forwarding the request to the origin. The
 * response is 204 if the purge has reached all instances that share the cache, 202 if only this instance so far.
 */
final class PurgeHandler extends Handler.Wrapper {
    private final AddressRanges from;
    private final Purging purging;
    private final Forwardings forwardings;

    PurgeHandler(AddressRanges from, Purging purging, Forwardings forwardings, Handler handler) {
        super(false, handler);
        this.from = from;
        this.purging = purging;
        this.forwardings = forwardings;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (!request.getMethod().equals("PURGE")) {
            return super.handle(request, response, callback);
        }
        if (from.isEmpty()) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            Response.writeError(request, response, callback, HttpStatus.METHOD_NOT_ALLOWED_405);
        } else if (!from.contains(request.getConnectionMetaData().getRemoteSocketAddress())) {
            Response.writeError(request, response, callback, HttpStatus.FORBIDDEN_403);
        } else {
            purge(request, response, callback);
        }
        return true;
    }

    private void purge(Request request, Response response, Callback callback) {
        Target url = forwardings
                .of(request.isSecure())
                .target(
                        Request.getServerName(request),
                        Request.getServerPort(request),
                        request.getHttpURI().getPathQuery());
        purging.purge(purging.url(url), false).whenComplete((purged, never) -> {
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
            if (purged == Confirmation.CONFIRMED) {
                response.setStatus(HttpStatus.NO_CONTENT_204);
                callback.succeeded();
            } else {
                response.setStatus(HttpStatus.ACCEPTED_202);
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain;charset=utf-8");
                Content.Sink.write(response, true, Purging.PENDING, callback);
            }
        });
    }
}
