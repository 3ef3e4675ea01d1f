package io.cachingproxy.jetty.front;

import java.util.Map;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Redirects the requests of some listeners to the same URL with https: GET and HEAD with 301, others with 308. Requests
 * for a host that no site has, and TRACE, are handled as on other listeners, which refuse them. OPTIONS of the server as a
 * whole ({@code *}) has no URL: the listener itself answers with 200 (RFC 9110 §9.3.7).
 */
public final class HttpsRedirect extends Handler.Wrapper {
    private static final int HTTPS = 443;

    private final Map<Connector, Integer> ports;
    private final Predicate<String> hosts;

    /**
     * @param ports the port of https by listener; requests of other listeners are handled
     * @param hosts whether a site has this host
     */
    public HttpsRedirect(Map<Connector, Integer> ports, Predicate<String> hosts, Handler handler) {
        super(false, handler); // a dynamic handler counts as blocking
        this.ports = Map.copyOf(ports);
        this.hosts = hosts;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Integer port = ports.get(request.getConnectionMetaData().getConnector());
        String name = Request.getServerName(request);
        String host = name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name;
        if (port == null || request.getMethod().equals("TRACE") || !hosts.test(host)) {
            return super.handle(request, response, callback);
        }
        String target = request.getHttpURI().getPathQuery();
        if (target.equals("*")) {
            response.setStatus(HttpStatus.OK_200);
        } else {
            boolean safe =
                    request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
            response.setStatus(safe ? HttpStatus.MOVED_PERMANENTLY_301 : HttpStatus.PERMANENT_REDIRECT_308);
            String authority = port == HTTPS ? host : host + ":" + port;
            response.getHeaders().put(HttpHeader.LOCATION, "https://" + authority + target);
        }
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 0L);
        response.write(true, null, callback);
        return true;
    }
}
