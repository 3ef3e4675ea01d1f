package io.cachingproxy.cli.admin;

import java.util.concurrent.Semaphore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Limits the requests in progress to fewer than the listener has connections; further ones are answered 503. A request
 * that waits, for an origin or for Redis, keeps its connection even if its client has closed it: HTTP/1.1 connections
 * are not read meanwhile. Health checks are not counted, and need a connection.
 */
final class WaitingRequests extends Handler.Wrapper {
    private final int most;
    private final Semaphore free;

    /** @param most maximum number of requests in progress */
    WaitingRequests(int most, Handler handler) {
        super(handler);
        this.most = most;
        this.free = new Semaphore(most);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (Request.getPathInContext(request).startsWith(HealthApi.PATH)) {
            return super.handle(request, response, callback);
        }
        if (!free.tryAcquire()) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
            AdminExchange.text(response, 503, most + " requests are in progress", callback);
            return true;
        }
        Request.addCompletionListener(request, failure -> free.release());
        return super.handle(request, response, callback);
    }
}
