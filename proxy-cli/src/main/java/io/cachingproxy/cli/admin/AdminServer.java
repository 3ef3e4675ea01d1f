package io.cachingproxy.cli.admin;

import io.cachingproxy.jetty.front.Periodic;
import io.cachingproxy.jetty.front.TlsIdentity;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The admin listener, separate from the listener for clients. */
public final class AdminServer implements AutoCloseable {
    private static final int MAX_THREADS = 8;

    private final Server server;
    private final ServerConnector connector;
    private final String host;

    /**
     * A listener without TLS, not started yet.
     *
     * @param port 0 for any free port
     * @param token the token that requests need; without one, only requests to the loopback interface are answered
     */
    public AdminServer(String host, int port, Optional<AdminToken> token, AdminRoutes routes) {
        this(host, port, AdminAccess.of(token), routes);
    }

    /**
     * A listener, not started yet.
     *
     * @param port 0 for any free port
     */
    public AdminServer(String host, int port, AdminAccess access, AdminRoutes routes) {
        this.host = host;
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("admin");
        server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        connector = access.tls()
                .map(identity -> secure(identity, http, plain))
                .orElseGet(() -> new ServerConnector(server, 1, 1, plain));
        access.tls().ifPresent(identity -> server.addBean(new Periodic(connector.getScheduler(), identity)));
        connector.setHost(host);
        connector.setPort(port);
        server.addConnector(connector);
        server.setHandler(guarded(access, routes));
        server.setErrorHandler((request, response, callback) -> {
            callback.succeeded();
            return true;
        });
    }

    private ServerConnector secure(TlsIdentity identity, HttpConfiguration http, HttpConnectionFactory plain) {
        SecureRequestCustomizer customizer = new SecureRequestCustomizer();
        customizer.setSniHostCheck(false); // Host selects nothing here
        http.addCustomizer(customizer);
        return new ServerConnector(server, 1, 1, new SslConnectionFactory(identity.tls(), plain.getProtocol()), plain);
    }

    /** Protects the handler by the tokens, or without them by {@link LoopbackOnly}. */
    private static Handler guarded(AdminAccess access, AdminRoutes routes) {
        return access.token().isPresent() ? new TokenOnly(access, routes) : new LoopbackOnly(routes);
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
