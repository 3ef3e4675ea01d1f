package io.cachingproxy.cli;

import java.io.IOException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The listener for whoever operates the proxy, on the loopback interface only and apart from the clients' one. */
final class AdminServer implements AutoCloseable {
    static final String HOST = "127.0.0.1";
    private static final int MAX_THREADS = 8;

    private final Server server;
    private final ServerConnector connector;
    private final AdminHandler handler;

    AdminServer(int port, Supplier<CompletionStage<?>> clearing) {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
        threads.setName("admin");
        server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(HOST);
        connector.setPort(port);
        server.addConnector(connector);
        handler = new AdminHandler(clearing);
        server.setHandler(new LoopbackOnly(handler));
        server.setErrorHandler((request, response, callback) -> {
            callback.succeeded();
            return true;
        });
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
