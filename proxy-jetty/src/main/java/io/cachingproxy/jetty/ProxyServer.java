package io.cachingproxy.jetty;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Purging;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.fields.FieldClass;
import io.cachingproxy.origin.Admission;
import io.cachingproxy.origin.OriginClient;
import io.cachingproxy.origin.OriginClients;
import io.cachingproxy.origin.OriginLimits;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.OriginServers;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.ServerPool;
import io.cachingproxy.rules.Site;
import io.cachingproxy.store.BodyMemory;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Jetty server with the cache in front of one origin. */
public final class ProxyServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyServer.class);

    /** How long a connection may be silent while there are as many as there may be. */
    private static final Duration IDLE_IF_FULL = Duration.ofSeconds(2);

    /** In milliseconds, how long a connection may be idle once the server stops. */
    private static final long IDLE_WHILE_STOPPING = 1000;

    /** How long a client that was accepted last may take to send its request, in nanoseconds. */
    private static final long ACCEPTED_LAST = 250_000_000;

    /** What is read from and written to a connection at a time, at most. */
    private static final int LONGEST_CHUNK = 64 * 1024;

    private final Server server;
    private final ServerConnector connector;
    private final GracefulHandler graceful;
    private final NamedOrigins named;

    private ProxyServer(Builder builder) {
        Limits limits = DirectMemory.fit(OpenFiles.now().fit(builder.limits), BodyMemory.directLimit());
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("proxy");
        ByteBufferPool buffers = builder.buffers == null ? pool(limits) : builder.buffers;
        this.server = new Server(threads, null, buffers);
        TlsIdentity identity = builder.identity;
        FaultLog faults = new FaultLog(System::nanoTime);
        server.addBean(faults);
        Admission admission = new Admission(limits.originRequests(), limits.queue());
        Function<URI, OriginClient> clients = uri -> {
            OriginClient sender = OriginClients.of(
                    uri,
                    builder.protocol,
                    builder.timeouts,
                    new OriginLimits(limits.responseHeaderBytes(), limits.headers(), limits.originRequests()),
                    builder.authorities,
                    this::selectors,
                    threads,
                    buffers,
                    faults::origin);
            sender.admit(admission);
            return sender;
        };
        BiFunction<String, OriginSettings, OriginServers> made = (name, settings) -> new OriginServers(
                name, settings, clients, () -> OriginClients.checking(builder.authorities, threads, buffers));
        OriginServers only = builder.origin == null ? null : made.apply("of the option origin", builder.origin);
        if (only != null) {
            server.addBean(only);
        }
        Origins origins = new Origins(only, Map.of());
        this.named = new NamedOrigins(origins, made, this::scheduler);
        server.addBean(named);
        named.replace(builder.named);
        Forwarding forwarding =
                new Forwarding(builder.trusted, identity == null ? "http" : "https", builder.passUnderscores);
        PendingWrites pending =
                new PendingWrites(() -> builder.cache.store().memory().tend(admission.isShort()));
        CachingHandler caching = new CachingHandler(builder.cache, origins, forwarding, pending, limits);
        this.connector = Listener.of(
                server,
                caching::hit,
                pending,
                limits,
                identity == null ? null : identity.tls(),
                builder.proxyProtocol ? builder.trusted : null);
        connector.setHost(builder.host);
        connector.setPort(builder.port);
        server.addConnector(connector);
        server.setErrorHandler(new ErrorPages());
        limit(limits);
        if (identity != null) {
            server.addBean(new Periodic(connector.getScheduler(), identity));
        }
        Purging purging = builder.cache.purging(origins.only());
        this.graceful = new GracefulHandler(new PurgeHandler(builder.purgeFrom, purging, forwarding, caching));
        graceful.setDynamic(false); // else each request goes to another thread, lest a handler is set that blocks
        server.setDynamic(false);
        server.setHandler(graceful);
    }

    private Scheduler scheduler() {
        return connector.getScheduler();
    }

    private SelectorManager selectors() {
        return connector.getSelectorManager();
    }

    /** Buffers that are used again, up to the longest head: HTTP/2 takes such a one for each response. */
    private static ByteBufferPool pool(Limits limits) {
        return new ArrayByteBufferPool(0, -1, Math.max(LONGEST_CHUNK, Listener.headBytes(limits)));
    }

    public static Builder builder() {
        return new Builder();
    }

    private void limit(Limits limits) {
        server.addBean(new NetworkConnectionLimit(limits.connections(), connector));
        server.addBean(new Periodic(connector.getScheduler(), this::makeRoom));
        server.addBean(new Periodic(connector.getScheduler(), new SlowClients(connector, limits)));
    }

    /** Closes idle connections early while there are as many as there may be; the limit itself would not. */
    private void makeRoom() {
        if (connector.isRunning() && !connector.isAccepting()) {
            connector.getConnectedEndPoints().stream()
                    .filter(client -> !SlowClients.isWrittenTo(client))
                    .forEach(client -> client.setIdleTimeout(IDLE_IF_FULL.toMillis()));
        }
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

    /**
     * Replaces the origins that sites and rules name. Origins whose settings are the same keep their connections, and what is
     * known of their servers. Requests under way at other servers end as they began.
     */
    public void origins(Map<String, OriginSettings> value) {
        named.replace(value);
    }

    /** The servers of each origin by its name. The origin that has none is {@code origin}, if no other is. */
    public Map<String, ServerPool> origins() {
        return named.pools();
    }

    /** How many requests are under way. */
    long requests() {
        return graceful.getCurrentRequestCount();
    }

    /** How many connections clients hold to it. */
    int connections() {
        return connector.getConnectedEndPoints().size();
    }

    /** Goes on serving, but ends each connection with its next response, so that clients turn elsewhere. */
    public void drain() {
        connector
                .getConnectionFactory(HttpConnectionFactory.class)
                .getHttpConfiguration()
                .setPersistentConnectionsEnabled(false);
    }

    /**
     * Stops accepting, closes idle connections, lets requests in flight finish for at most {@code grace}, and stops. Requests
     * that take longer are cut off, which is logged.
     */
    public void stop(Duration grace) {
        drain();
        connector.close(); // first nobody is accepted any more, then no request: those who were accepted may have sent
        // one
        LockSupport.parkNanos(Math.min(ACCEPTED_LAST, grace.toNanos() / 4));
        connector.setShutdownIdleTimeout(Math.max(1, Math.min(IDLE_WHILE_STOPPING, grace.toMillis() / 4)));
        server.setStopTimeout(Math.max(1, grace.toMillis()));
        try {
            server.stop();
        } catch (TimeoutException late) {
            LOG.warn("Stopped after {} ms, before all requests and connections had ended", grace.toMillis());
        } catch (Exception failed) {
            throw new IllegalStateException("the server did not stop", failed);
        }
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
        private @Nullable OriginSettings origin;
        private final Map<String, OriginSettings> named = new HashMap<>();
        private String host = "127.0.0.1";
        private int port = 8000;
        private OriginTimeouts timeouts = OriginTimeouts.DEFAULT;
        private Limits limits = Limits.DEFAULT;
        private OriginProtocol protocol = OriginProtocol.HTTP1;
        private @Nullable ByteBufferPool buffers;
        private @Nullable TlsIdentity identity;
        private @Nullable KeyStore authorities;
        private AddressRanges purgeFrom = AddressRanges.NONE;
        private @Nullable AddressRanges trusted;
        private boolean proxyProtocol;
        private boolean passUnderscores;
        private HttpCache cache = HttpCache.builder().build();

        private Builder() {}

        /** Where requests are forwarded: http or https, a path prefix allowed. Required, unless all sites name origins. */
        public Builder origin(URI value) {
            return origin(OriginSettings.of(value));
        }

        /** The same with several servers. */
        public Builder origin(OriginSettings value) {
            origin = value;
            return this;
        }

        /** An origin that sites and rules name. */
        public Builder origin(String name, URI value) {
            return origin(name, OriginSettings.of(value));
        }

        /** The same with several servers. */
        public Builder origin(String name, OriginSettings value) {
            named.put(name, value);
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

        /** Which clients may PURGE; by default none. */
        public Builder purgeFrom(AddressRanges value) {
            purgeFrom = value;
            return this;
        }

        /** How long the origin may be silent while it takes a request, and after the head of its response; 30 s by default. */
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

        /** How the origin is spoken to; {@link OriginProtocol#HTTP1} by default. */
        public Builder originProtocol(OriginProtocol value) {
            protocol = value;
            return this;
        }

        /** The pool of buffers, for clients and the origin alike. */
        Builder buffers(ByteBufferPool value) {
            buffers = value;
            return this;
        }

        /** Whose X-Forwarded-For and other fields of proxies ({@link FieldClass}) are passed on; by default nobody's. */
        public Builder trustedPeers(AddressRanges value) {
            trusted = value;
            return this;
        }

        /**
         * Passes on request fields whose names have {@code _} or {@code .}, unless they look like one of a proxy. By default
         * they are dropped, because CGI, WSGI and PHP take them for other fields.
         */
        public Builder passUnderscoreHeaders() {
            passUnderscores = true;
            return this;
        }

        /** Takes the PROXY protocol, versions 1 and 2, from trusted peers, whose connections then have to begin with it. */
        public Builder proxyProtocol() {
            proxyProtocol = true;
            return this;
        }

        /**
         * Serves over TLS only, with a certificate and key that are read again when the files change.
         *
         * @param chain PEM: the certificate, and after it those that lead to its issuer
         * @param key PEM: PKCS #8, not encrypted
         * @throws IOException in one sentence, what is wrong with which file
         */
        public Builder tls(Path chain, Path key) throws IOException {
            identity = new TlsIdentity(chain, key);
            return this;
        }

        /**
         * Who may vouch for an https origin, in place of the authorities that Java trusts.
         *
         * @param file PEM: one or more certificates
         * @throws IOException in one sentence, what is wrong with it
         */
        public Builder originAuthorities(Path file) throws IOException {
            authorities = Pem.trust(file);
            return this;
        }

        /**
         * The server, not started yet.
         *
         * @throws IllegalStateException if the origin is missing, or nobody is trusted to speak the PROXY protocol
         */
        public ProxyServer build() {
            if (origin == null && named.isEmpty()) {
                throw new IllegalStateException("the origin is missing");
            }
            for (Site site : cache.sites().list()) {
                String name = site.origin();
                if (name == null ? origin == null : !named.containsKey(name)) {
                    throw new IllegalStateException("site \"" + site.name() + "\" has the origin "
                            + (name == null ? "without a name" : "\"" + name + "\"") + ", which is missing");
                }
            }
            if (proxyProtocol && trusted == null) {
                throw new IllegalStateException("the PROXY protocol needs trusted peers");
            }
            return new ProxyServer(this);
        }
    }
}
