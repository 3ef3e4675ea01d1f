package io.cachingproxy.cli.admin;

import io.cachingproxy.jetty.front.Periodic;
import io.cachingproxy.jetty.front.SlowClients;
import io.cachingproxy.jetty.front.TlsIdentity;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The admin listener, separate from the listener for clients. */
public final class AdminServer implements AutoCloseable {
    private static final int MAX_THREADS = 8;

    /** Bytes that the operating system holds for a client that does not read. */
    private static final int SEND_BUFFER = 64 * 1024;

    /** Clients that the operating system lets wait while the listener has as many connections as it may have. */
    private static final int WAITING_CLIENTS = 512;

    private final Server server;
    private final ServerConnector connector;
    private final AdminRoutes routes;
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
        this(host, port, access, AdminLimits.DEFAULT, routes);
    }

    AdminServer(String host, int port, AdminAccess access, AdminLimits limits, AdminRoutes routes) {
        this.routes = routes;
        this.host = host;
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("admin");
        server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setHttpCompliance(HttpCompliance.STRICT);
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        connector = access.tls()
                .map(identity -> secure(identity, http, plain))
                .orElseGet(() -> new ServerConnector(server, 1, 1, plain));
        access.tls().ifPresent(identity -> server.addBean(new Periodic(connector.getScheduler(), identity)));
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(limits.idle().toMillis());
        connector.setAcceptedSendBufferSize(SEND_BUFFER);
        connector.setAcceptQueueSize(WAITING_CLIENTS);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(limits.connections(), connector));
        SlowHeads served = new SlowHeads(connector, guarded(access, new WaitingRequests(limits.requests(), routes)));
        server.addBean(new Periodic(connector.getScheduler(), SlowHeads.EVERY, served));
        server.addBean(new Periodic(
                connector.getScheduler(), new SlowClients(connector, limits.idle(), limits.idle(), limits.rate())));
        server.setHandler(new UnreadContent(served));
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

    /** Protects the handler by {@link SameSite}, and by the tokens, or without them by {@link LoopbackOnly}. */
    private static Handler guarded(AdminAccess access, Handler handler) {
        return new SameSite(access.token().isPresent() ? new TokenOnly(access, handler) : new LoopbackOnly(handler));
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
