package io.cachingproxy.cli.admin;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses requests that a web page can cause in a browser: a Host other than the loopback interface (DNS rebinding), or
 * an Origin other than this listener (cross-site request forgery).
 */
final class LoopbackOnly extends Handler.Wrapper {
    LoopbackOnly(Handler handler) {
        super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        List<String> own = authorities(Request.getLocalPort(request), request.isSecure() ? 443 : 80);
        List<String> hosts = request.getHeaders().getValuesList(HttpHeader.HOST);
        List<String> origins = request.getHeaders().getValuesList(HttpHeader.ORIGIN);
        if (hosts.size() == 1
                && own.contains(lower(hosts.get(0)))
                && origins.stream().allMatch(origin -> isOwn(request, lower(origin), own))) {
            return super.handle(request, response, callback);
        }
        AdminExchange.text(response, 403, "Only for requests to the loopback interface", callback);
        return true;
    }

    private static boolean isOwn(Request request, String origin, List<String> own) {
        String scheme = request.isSecure() ? "https://" : "http://";
        return own.stream().anyMatch(authority -> origin.equals(scheme + authority));
    }

    private static List<String> authorities(int port, int usual) {
        Stream<String> hosts = Stream.of("127.0.0.1", "localhost", "[::1]");
        return port == usual
                ? hosts.flatMap(host -> Stream.of(host, host + ":" + usual)).toList()
                : hosts.map(host -> host + ":" + port).toList();
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
