package io.cachingproxy.jetty;

import io.cachingproxy.HttpCache;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** A Jetty server with the cache in front of one origin. */
public final class ProxyServer implements AutoCloseable {
    private static final int MAX_ORIGIN_CONNECTIONS = 1024;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final Server server;
    private final ServerConnector connector;

    private ProxyServer(Builder builder, URI origin) {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("proxy");
        this.server = new Server(threads);
        this.connector = new ServerConnector(server, new HttpConnectionFactory(configuration()));
        connector.setHost(builder.host);
        connector.setPort(builder.port);
        connector.setAcceptQueueSize(4096);
        server.addConnector(connector);
        HttpClient client = client(threads);
        server.addBean(client);
        OriginClient way = new OriginClient(client, origin, builder.originIdleTimeout);
        server.setHandler(new GracefulHandler(new CachingHandler(builder.cache, origin, way)));
    }

    public static Builder builder() {
        return new Builder();
    }

    private static HttpConfiguration configuration() {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.setSendServerVersion(false);
        configuration.setSendDateHeader(false);
        configuration.setHeaderCacheCaseSensitive(true); // else one spelling of a value is taken for another
        configuration.setUriCompliance(UriCompliance.UNSAFE); // nothing is decoded, so nothing is ambiguous
        configuration.addCustomizer(ProxyServer::refuseAmbiguousFraming);
        return configuration;
    }

    /** RFC 9112 §6.1: HTTP/1.0 has no Transfer-Encoding; whoever sends it there may mean two things. */
    private static Request refuseAmbiguousFraming(Request request, HttpFields.Mutable response) {
        if (request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_0
                && request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
            throw new BadMessageException("Transfer-Encoding in HTTP/1.0");
        }
        return request;
    }

    private static HttpClient client(QueuedThreadPool threads) {
        HttpClient client = OriginClients.over(new ClientConnector());
        client.setExecutor(threads);
        client.setMaxConnectionsPerDestination(MAX_ORIGIN_CONNECTIONS);
        client.setMaxRequestsQueuedPerDestination(MAX_ORIGIN_CONNECTIONS);
        client.setConnectTimeout(CONNECT_TIMEOUT.toMillis());
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
        private Duration originIdleTimeout = Duration.ofSeconds(30);
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
            originIdleTimeout = value;
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
