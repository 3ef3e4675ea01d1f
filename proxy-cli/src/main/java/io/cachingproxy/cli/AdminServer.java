package io.cachingproxy.cli;

import java.io.IOException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The listener for whoever operates the proxy, apart from the clients' one. */
final class AdminServer implements AutoCloseable {
    private static final int MAX_THREADS = 8;

    private final Server server;
    private final ServerConnector connector;
    private final Settings.Admin settings;
    private final AdminHandler handler;

    AdminServer(Settings.Admin settings, AdminHandler handler) {
        this.settings = settings;
        this.handler = handler;
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("admin");
        server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(settings.host());
        connector.setPort(settings.port().number());
        server.addConnector(connector);
        server.setHandler(guarded(settings, handler));
        server.setErrorHandler((request, response, callback) -> {
            callback.succeeded();
            return true;
        });
    }

    /** Behind a token no page can forge a request, under whatever name it reaches this. */
    private static Handler guarded(Settings.Admin settings, AdminHandler handler) {
        return settings.token()
                .<Handler>map(token -> new TokenOnly(token, handler))
                .orElseGet(() -> new LoopbackOnly(handler));
    }

    void start() throws IOException {
        try {
            server.start();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** The port that was bound. */
    int port() {
        return connector.getLocalPort();
    }

    /** Where it listens: {@code host:port}. */
    @Override
    public String toString() {
        return Instance.authority(settings.host(), port());
    }

    /** Says from now on that the proxy is not ready. */
    void stopping() {
        handler.stopping();
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
