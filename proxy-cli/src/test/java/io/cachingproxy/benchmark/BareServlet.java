package io.cachingproxy.benchmark;

import io.cachingproxy.servlet.CachingFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * What a servlet costs that writes bytes which are there, with as many field lines as a hit has, as a measure for the
 * filter: with {@code filter} as the second argument, {@link CachingFilter} stands in front of it in the same context.
 */
public final class BareServlet {
    private BareServlet() {}

    public static void main(String[] args) throws Exception {
        Server server = new Server();
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(configuration));
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(args[0]));
        connector.setAcceptQueueSize(4096);
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.addServlet(new ServletHolder(new Bytes()), "/*");
        if (args.length > 1) {
            FilterHolder filter = new FilterHolder(new CachingFilter());
            filter.setAsyncSupported(true);
            context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
        }
        server.setHandler(context);
        server.start();
        server.join();
    }

    private static final class Bytes extends HttpServlet {
        private static final Map<String, byte[]> PREPARED =
                Map.of("/1k.txt", new byte[1 << 10], "/10k.txt", new byte[10 << 10]);

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            byte[] body = PREPARED.get(request.getPathInfo());
            if (body == null) {
                response.sendError(404);
                return;
            }
            response.setHeader("Server", "nginx/1.22.1");
            response.setHeader("Date", "Sun, 22 Nov 2026 12:00:00 GMT");
            response.setHeader("Content-Type", "text/plain");
            response.setContentLength(body.length);
            response.setHeader("Last-Modified", "Sun, 22 Nov 2026 11:00:00 GMT");
            response.setHeader("ETag", "\"67405b5e-400\"");
            response.setHeader("Cache-Control", "public, max-age=3600000");
            response.setHeader("Accept-Ranges", "bytes");
            response.setHeader("Age", "33");
            response.setHeader("X-Cache", "HIT");
            response.setHeader("Cache-Status", "caching-proxy; hit; ttl=3567");
            response.setHeader("Via", "1.1 caching-proxy");
            response.getOutputStream().write(body);
        }
    }
}
