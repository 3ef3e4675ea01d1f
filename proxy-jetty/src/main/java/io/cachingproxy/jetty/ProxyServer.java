package io.cachingproxy.jetty;

import io.cachingproxy.HttpCache;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** A Jetty server with the cache in front of one origin. */
public final class ProxyServer implements AutoCloseable {
    private final Server server;
    private final ServerConnector connector;

    private ProxyServer(Builder builder, URI origin) {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("proxy");
        this.server = new Server(threads);
        this.connector = Listener.of(server, builder.limits, null);
        connector.setHost(builder.host);
        connector.setPort(builder.port);
        server.addConnector(connector);
        server.setErrorHandler(new ErrorPages());
        HttpClient client = client(threads, builder.limits);
        client.setConnectTimeout(builder.timeouts.connect().toMillis());
        server.addBean(client);
        OriginClient way = new OriginClient(client, origin, builder.timeouts, builder.limits.headers());
        GracefulHandler graceful = new GracefulHandler(new CachingHandler(builder.cache, origin, way));
        graceful.setDynamic(false); // else each request goes to another thread, lest a handler is set that blocks
        server.setDynamic(false);
        server.setHandler(graceful);
    }

    public static Builder builder() {
        return new Builder();
    }

    private static HttpClient client(QueuedThreadPool threads, Limits limits) {
        HttpClient client = OriginClients.over(new ClientConnector());
        client.setMaxResponseHeadersSize(limits.responseHeaderBytes());
        client.setExecutor(threads);
        client.setMaxConnectionsPerDestination(limits.originRequests());
        client.setMaxRequestsQueuedPerDestination(limits.queue());
        return client;
    }

    /**
     * Starts to listen.
     *
     * @throws IOException if the port is taken, or cannot be listened on
     */
    public void start() throws IOException {
        try {
            server.start();
        } catch (IOException | RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new IOException("the server did not start: " + failed.getMessage(), failed);
        }
    }

    /** The port that is listened on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Stops accepting, lets requests in flight finish for at most {@code grace}, and stops. */
    public void stop(Duration grace) {
        server.setStopTimeout(grace.toMillis());
        close();
    }

    /** Stops at once. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception failed) {
            throw new IllegalStateException("the server did not stop", failed);
        }
    }

    /** What a server needs to know. */
    public static final class Builder {
        private @Nullable URI origin;
        private String host = "127.0.0.1";
        private int port = 8000;
        private OriginTimeouts timeouts = OriginTimeouts.DEFAULT;
        private Limits limits = Limits.DEFAULT;
        private HttpCache cache = HttpCache.builder().build();

        private Builder() {}

        /** Where requests are forwarded: http or https, a path prefix allowed. Required. */
        public Builder origin(URI value) {
            origin = value;
            return this;
        }

        /** The address to listen on; 127.0.0.1 by default. */
        public Builder host(String value) {
            host = value;
            return this;
        }

        /** The port to listen on; 8000 by default, 0 for any free one. */
        public Builder port(int value) {
            port = value;
            return this;
        }

        /** The cache, which whoever made it closes. */
        public Builder cache(HttpCache value) {
            cache = value;
            return this;
        }

        /** How long the origin may be silent, before and within its response; 30 s by default. */
        public Builder originIdleTimeout(Duration value) {
            return originTimeouts(timeouts.withIdle(value));
        }

        /** How long the origin is waited for; {@link OriginTimeouts#DEFAULT} by default. */
        public Builder originTimeouts(OriginTimeouts value) {
            timeouts = value;
            return this;
        }

        /** How much is taken from clients and from the origin; {@link Limits#DEFAULT} by default. */
        public Builder limits(Limits value) {
            limits = value;
            return this;
        }

        /**
         * The server, not started yet.
         *
         * @throws IllegalStateException if the origin is missing
         */
        public ProxyServer build() {
            if (origin == null) {
                throw new IllegalStateException("the origin is missing");
            }
            return new ProxyServer(this, origin);
        }
    }
}
