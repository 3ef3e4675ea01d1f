package io.cachingproxy.jetty.front;

import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Redirects the requests of some listeners to the same URL with https: GET and HEAD with 301, others with 308. */
public final class HttpsRedirect extends Handler.Wrapper {
    private static final int HTTPS = 443;

    private final Map<Connector, Integer> ports;

    /** @param ports the port of https by listener; requests of other listeners are handled */
    public HttpsRedirect(Map<Connector, Integer> ports, Handler handler) {
        super(false, handler); // a dynamic handler counts as blocking
        this.ports = Map.copyOf(ports);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Integer port = ports.get(request.getConnectionMetaData().getConnector());
        if (port == null) {
            return super.handle(request, response, callback);
        }
        String host = Request.getServerName(request);
        String name = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        boolean safe = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        response.setStatus(safe ? HttpStatus.MOVED_PERMANENTLY_301 : HttpStatus.PERMANENT_REDIRECT_308);
        response.getHeaders()
                .put(
                        HttpHeader.LOCATION,
                        "https://" + name + (port == HTTPS ? "" : ":" + port)
                                + request.getHttpURI().getPathQuery());
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 0L);
        response.write(true, null, callback);
        return true;
    }
}
