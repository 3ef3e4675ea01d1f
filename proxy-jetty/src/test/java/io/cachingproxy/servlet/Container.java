package io.cachingproxy.servlet;

import io.cachingproxy.testkit.Front;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.encoding.ContentEncodingRepository;
import io.undertow.server.handlers.encoding.EncodingHandler;
import io.undertow.server.handlers.encoding.GzipEncodingProvider;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ServletStackTraces;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.ee10.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.gzip.GzipHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The servlet containers that the filter is tested in: one servlet at the root, with sessions, behind some filters. */
@SuppressWarnings("removal") // of GzipHandler: its successor is a dependency more
enum Container {
    JETTY {
        @Override
        Front start(
                Servlet servlet,
                int threads,
                EnumSet<DispatcherType> dispatchers,
                List<Filter> filters,
                Option option) {
            Server server = new Server(new QueuedThreadPool(threads + 3, threads + 3)); // acceptor, selectors
            ServerConnector connector = new ServerConnector(server, 1, 1);
            connector.setHost("127.0.0.1");
            server.addConnector(connector);
            ServletContextHandler context = new ServletContextHandler("/", ServletContextHandler.SESSIONS);
            ErrorPageErrorHandler pages = new ErrorPageErrorHandler();
            pages.addErrorPage(Way.STATUS_WITH_A_PAGE, Way.ERROR_PAGE);
            pages.addErrorPage(Way.EXCEPTION_WITH_A_PAGE, Way.ERROR_PAGE);
            if (option == Option.PAGE_FOR_ALL_ERRORS) {
                pages.addErrorPage(ErrorPageErrorHandler.GLOBAL_ERROR_PAGE, Way.ERROR_PAGE);
            }
            context.setErrorHandler(pages);
            ServletHolder holder = new ServletHolder("servlet", servlet);
            holder.setAsyncSupported(true);
            context.addServlet(holder, "/*");
            for (Filter filter : filters) {
                FilterHolder filtering = new FilterHolder(filter);
                filtering.setAsyncSupported(!(filter instanceof Odd odd) || odd.async());
                context.addFilter(filtering, "/*", Odd.dispatchers(filter, dispatchers));
            }
            if (option == Option.COMPRESSES) {
                server.setHandler(new GzipHandler(context));
            } else {
                server.setHandler(context);
            }
            return started(server::start, connector::getLocalPort, server::stop);
        }
    },

    /** Servlet 6.1, which has to be on the class path then. */
    JETTY_EE11 {
        @Override
        Front start(
                Servlet servlet,
                int threads,
                EnumSet<DispatcherType> dispatchers,
                List<Filter> filters,
                Option option) {
            Server server = new Server(new QueuedThreadPool(threads + 3, threads + 3)); // acceptor, selectors
            ServerConnector connector = new ServerConnector(server, 1, 1);
            connector.setHost("127.0.0.1");
            server.addConnector(connector);
            org.eclipse.jetty.ee11.servlet.ServletContextHandler context =
                    new org.eclipse.jetty.ee11.servlet.ServletContextHandler(
                            "/", org.eclipse.jetty.ee11.servlet.ServletContextHandler.SESSIONS);
            org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler pages =
                    new org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler();
            pages.addErrorPage(Way.STATUS_WITH_A_PAGE, Way.ERROR_PAGE);
            pages.addErrorPage(Way.EXCEPTION_WITH_A_PAGE, Way.ERROR_PAGE);
            if (option == Option.PAGE_FOR_ALL_ERRORS) {
                pages.addErrorPage(ErrorPageErrorHandler.GLOBAL_ERROR_PAGE, Way.ERROR_PAGE);
            }
            context.setErrorHandler(pages);
            org.eclipse.jetty.ee11.servlet.ServletHolder holder =
                    new org.eclipse.jetty.ee11.servlet.ServletHolder("servlet", servlet);
            holder.setAsyncSupported(true);
            context.addServlet(holder, "/*");
            for (Filter filter : filters) {
                org.eclipse.jetty.ee11.servlet.FilterHolder filtering =
                        new org.eclipse.jetty.ee11.servlet.FilterHolder(filter);
                filtering.setAsyncSupported(!(filter instanceof Odd odd) || odd.async());
                context.addFilter(filtering, "/*", Odd.dispatchers(filter, dispatchers));
            }
            if (option == Option.COMPRESSES) {
                server.setHandler(new GzipHandler(context));
            } else {
                server.setHandler(context);
            }
            return started(server::start, connector::getLocalPort, server::stop);
        }
    },

    TOMCAT {
        @Override
        Front start(
                Servlet servlet,
                int threads,
                EnumSet<DispatcherType> dispatchers,
                List<Filter> filters,
                Option option) {
            Logger.getLogger("org.apache").setLevel(Level.OFF); // servlets of these tests fail on purpose
            Tomcat tomcat = new Tomcat();
            Connector connector = new Connector();
            connector.setPort(0);
            connector.setProperty("address", "127.0.0.1");
            connector.setProperty("maxThreads", Integer.toString(threads));
            connector.setProperty("minSpareThreads", Integer.toString(Math.min(threads, 4)));
            connector.setProperty("compression", option == Option.COMPRESSES ? "force" : "off");
            String directory = directory();
            tomcat.setBaseDir(directory);
            tomcat.setConnector(connector);
            Context context = tomcat.addContext("", directory);
            Logger.getLogger(context.getLogName()).setLevel(Level.OFF);
            ErrorPage status = new ErrorPage();
            status.setErrorCode(Way.STATUS_WITH_A_PAGE);
            status.setLocation(Way.ERROR_PAGE);
            context.addErrorPage(status);
            ErrorPage exception = new ErrorPage();
            exception.setExceptionType(Way.EXCEPTION_WITH_A_PAGE.getName());
            exception.setLocation(Way.ERROR_PAGE);
            context.addErrorPage(exception);
            if (option == Option.PAGE_FOR_ALL_ERRORS) {
                ErrorPage all = new ErrorPage();
                all.setLocation(Way.ERROR_PAGE);
                context.addErrorPage(all);
            }
            Wrapper wrapper = Tomcat.addServlet(context, "servlet", servlet);
            wrapper.setAsyncSupported(true);
            context.addServletMappingDecoded("/*", "servlet");
            for (Filter filter : filters) {
                FilterDef definition = new FilterDef();
                definition.setFilterName("filter" + filters.indexOf(filter));
                definition.setFilter(filter);
                definition.setAsyncSupported(String.valueOf(!(filter instanceof Odd odd) || odd.async()));
                context.addFilterDef(definition);
                FilterMap map = new FilterMap();
                map.setFilterName(definition.getFilterName());
                map.addURLPattern("/*");
                Odd.dispatchers(filter, dispatchers).forEach(dispatcher -> map.setDispatcher(dispatcher.name()));
                context.addFilterMap(map);
            }
            return started(tomcat::start, connector::getLocalPort, () -> {
                tomcat.stop();
                tomcat.destroy();
            });
        }
    },

    UNDERTOW {
        @Override
        Front start(
                Servlet servlet,
                int threads,
                EnumSet<DispatcherType> dispatchers,
                List<Filter> filters,
                Option option) {
            Logger.getLogger("io.undertow").setLevel(Level.OFF);
            DeploymentInfo deployment = Servlets.deployment()
                    .setClassLoader(Container.class.getClassLoader())
                    .setContextPath("/")
                    .setDeploymentName("test")
                    .addErrorPage(Servlets.errorPage(Way.ERROR_PAGE, Way.STATUS_WITH_A_PAGE))
                    .addErrorPage(Servlets.errorPage(Way.ERROR_PAGE, Way.EXCEPTION_WITH_A_PAGE))
                    .addServlet(Servlets.servlet("servlet", servlet.getClass(), new ImmediateInstanceFactory<>(servlet))
                            .setAsyncSupported(true)
                            .addMapping("/*"));
            if (option == Option.PAGE_FOR_ALL_ERRORS) {
                deployment
                        .addErrorPage(Servlets.errorPage(Way.ERROR_PAGE))
                        .setServletStackTraces(ServletStackTraces.NONE);
            }
            for (Filter filter : filters) {
                String name = "filter" + filters.indexOf(filter);
                deployment.addFilter(Servlets.filter(name, filter.getClass(), new ImmediateInstanceFactory<>(filter))
                        .setAsyncSupported(!(filter instanceof Odd odd) || odd.async()));
                Odd.dispatchers(filter, dispatchers)
                        .forEach(dispatcher -> deployment.addFilterUrlMapping(name, "/*", dispatcher));
            }
            DeploymentManager manager = Servlets.newContainer().addDeployment(deployment);
            manager.deploy();
            HttpHandler handler;
            try {
                handler = manager.start();
            } catch (ServletException failed) {
                throw new IllegalStateException(failed);
            }
            Undertow undertow = Undertow.builder()
                    .addHttpListener(0, "127.0.0.1")
                    .setIoThreads(2)
                    .setWorkerThreads(threads)
                    .setHandler(
                            option == Option.COMPRESSES
                                    ? new EncodingHandler(
                                            handler,
                                            new ContentEncodingRepository()
                                                    .addEncodingHandler("gzip", new GzipEncodingProvider(), 1))
                                    : handler)
                    .build();
            return started(
                    undertow::start,
                    () -> ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort(),
                    undertow::stop);
        }
    };

    /** Those of Servlet 6.0, or those that the system property {@code containers} names. */
    static List<Container> tested() {
        String named = System.getProperty("containers");
        return named == null
                ? List.of(JETTY, TOMCAT, UNDERTOW)
                : Arrays.stream(named.split(",")).map(Container::valueOf).toList();
    }

    boolean isJetty() {
        return name().startsWith("JETTY");
    }

    /** What a container does beyond the usual. */
    enum Option {
        NONE,
        /** It compresses responses on its own. */
        COMPRESSES,
        /** It has an error page for every status and exception, as in Spring Boot. */
        PAGE_FOR_ALL_ERRORS
    }

    /** Starts one. */
    abstract Front start(
            Servlet servlet, int threads, EnumSet<DispatcherType> dispatchers, List<Filter> filters, Option option);

    Front start(Servlet servlet, int threads, EnumSet<DispatcherType> dispatchers, List<Filter> filters) {
        return start(servlet, threads, dispatchers, filters, Option.NONE);
    }

    /** One that compresses responses on its own. */
    Front startCompressing(Servlet servlet, Filter... filters) {
        return start(
                servlet,
                20,
                EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC),
                List.of(filters),
                Option.COMPRESSES);
    }

    /** The same with threads enough, and the filters for requests and async dispatches. */
    Front start(Servlet servlet, Filter... filters) {
        return start(servlet, 20, EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC), List.of(filters));
    }

    private static String directory() {
        try {
            return Files.createTempDirectory("tomcat").toString();
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    private interface Port {
        int get();
    }

    private static void act(Action action) {
        try {
            action.run();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static Front started(Action start, Port port, Action stop) {
        act(start);
        return new Front() {
            @Override
            public int port() {
                return port.get();
            }

            @Override
            public void close() {
                act(stop);
            }
        };
    }

    /** A filter that is registered in another way than the others. */
    record Odd(Filter filter, EnumSet<DispatcherType> dispatchers, boolean async) implements Filter {
        static EnumSet<DispatcherType> dispatchers(Filter filter, EnumSet<DispatcherType> usual) {
            return filter instanceof Odd odd ? odd.dispatchers() : usual;
        }

        @Override
        public void init(FilterConfig config) throws ServletException {
            filter.init(config);
        }

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            filter.doFilter(request, response, chain);
        }

        @Override
        public void destroy() {
            filter.destroy();
        }
    }
}
