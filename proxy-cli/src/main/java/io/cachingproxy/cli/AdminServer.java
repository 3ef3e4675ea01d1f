package io.cachingproxy.cli;

import java.io.IOException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The admin listener, separate from the listener for clients. */
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

    /**
     * Protects the handler by the token, or without a token by {@link LoopbackOnly}. With a token no web page can forge
     * a request, whatever its Host.
     */
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

    /** The port of the listener. */
    int port() {
        return connector.getLocalPort();
    }

    /** The address of the listener: {@code host:port}. */
    @Override
    public String toString() {
        return Instance.authority(settings.host(), port());
    }

    /** Reports the proxy as not ready from now on. */
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
