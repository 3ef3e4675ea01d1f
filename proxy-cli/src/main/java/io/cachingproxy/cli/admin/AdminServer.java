package io.cachingproxy.cli.admin;

import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The admin listener, separate from the listener for clients. */
public final class AdminServer implements AutoCloseable {
    private static final int MAX_THREADS = 8;

    private final Server server;
    private final ServerConnector connector;
    private final AdminRoutes routes;
    private final String host;

    /**
     * A listener, not started yet.
     *
     * @param port 0 for any free port
     * @param token the token that requests need; without one, only requests to the loopback interface are answered
     */
    public AdminServer(String host, int port, Optional<AdminToken> token, AdminRoutes routes) {
        this.routes = routes;
        this.host = host;
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("admin");
        server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(host);
        connector.setPort(port);
        server.addConnector(connector);
        server.setHandler(guarded(token, routes));
        server.setErrorHandler((request, response, callback) -> {
            callback.succeeded();
            return true;
        });
    }

    /**
     * Protects the handler by the token, or without a token by {@link LoopbackOnly}. With a token no web page can forge
     * a request, whatever its Host.
     */
    private static Handler guarded(Optional<AdminToken> token, AdminRoutes routes) {
        return token.<Handler>map(it -> new TokenOnly(it, routes)).orElseGet(() -> new LoopbackOnly(routes));
    }

    /**
     * Starts the listener.
     *
     * @throws IOException if the server cannot listen on the port
     */
    public void start() throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** The resources of the listener. */
    public AdminRoutes routes() {
        return routes;
    }

    /** The port of the listener. */
    public int port() {
        return connector.getLocalPort();
    }

    /** The address of the listener: {@code host:port}. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the admin listener did not stop", e);
        }
    }
}
