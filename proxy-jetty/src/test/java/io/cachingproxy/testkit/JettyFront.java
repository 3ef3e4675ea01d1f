package io.cachingproxy.testkit;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.util.EnumSet;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/** One servlet in Jetty, with or without a filter in front of it, on HTTP/1.1 and HTTP/2 without TLS. */
public final class JettyFront implements Front {
    private final Server server = new Server();
    private final ServerConnector connector;

    private JettyFront(@Nullable Filter filter, Servlet servlet, Map<String, String> parameters) {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setUriCompliance(UriCompliance.UNSAFE);
        if (!parameters.isEmpty()) {
            configuration.setOutputAggregationSize(0);
        }
        connector = new ServerConnector(
                server, new HttpConnectionFactory(configuration), new HTTP2CServerConnectionFactory(configuration));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        context.getServletHandler().setDecodeAmbiguousURIs(true);
        ServletHolder holder = new ServletHolder("servlet", servlet);
        holder.setInitParameters(parameters);
        holder.setInitOrder(1);
        holder.setAsyncSupported(true);
        context.addServlet(holder, "/*");
        if (filter != null) {
            FilterHolder filtering = new FilterHolder(filter);
            filtering.setAsyncSupported(true);
            context.addFilter(filtering, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
        }
        server.setHandler(context);
    }

    public static JettyFront of(@Nullable Filter filter, Servlet servlet) {
        return of(filter, servlet, Map.of());
    }

    /** One whose servlet has init parameters: a proxy, whose output is passed on as it comes. */
    public static JettyFront of(@Nullable Filter filter, Servlet servlet, Map<String, String> parameters) {
        JettyFront front = new JettyFront(filter, servlet, parameters);
        try {
            front.server.start();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
        return front;
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
