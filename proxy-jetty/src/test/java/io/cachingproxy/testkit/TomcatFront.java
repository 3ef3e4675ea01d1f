package io.cachingproxy.testkit;

import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.jspecify.annotations.Nullable;

/** One servlet in Tomcat, with or without a filter in front of it. */
public final class TomcatFront implements Front {
    private static final Logger LOG = Logger.getLogger("org.apache");

    private final Tomcat tomcat = new Tomcat();
    private final Connector connector = new Connector();

    private TomcatFront(@Nullable Filter filter, Servlet servlet, Path directory) {
        LOG.setLevel(Level.OFF); // servlets of these tests fail on purpose
        tomcat.setBaseDir(directory.toString());
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", directory.toString());
        Logger.getLogger(context.getLogName()).setLevel(Level.OFF); // addContext gives it a level of its own
        Wrapper wrapper = Tomcat.addServlet(context, "servlet", servlet);
        wrapper.setAsyncSupported(true);
        context.addServletMappingDecoded("/*", "servlet");
        if (filter != null) {
            FilterDef definition = new FilterDef();
            definition.setFilterName("cache");
            definition.setFilter(filter);
            definition.setAsyncSupported("true");
            context.addFilterDef(definition);
            FilterMap map = new FilterMap();
            map.setFilterName("cache");
            map.addURLPattern("/*");
            map.setDispatcher("REQUEST");
            map.setDispatcher("ASYNC");
            context.addFilterMap(map);
        }
    }

    public static TomcatFront of(@Nullable Filter filter, Servlet servlet) {
        try {
            TomcatFront front = new TomcatFront(filter, servlet, Files.createTempDirectory("tomcat"));
            front.tomcat.start();
            return front;
        } catch (IOException | LifecycleException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
