package io.cachingproxy.jetty;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Purging;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.http.fields.FieldClass;
import io.cachingproxy.jetty.debug.CacheDebug;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.jetty.events.RequestEvents;
import io.cachingproxy.jetty.events.RequestListener;
import io.cachingproxy.jetty.front.CertificateFiles;
import io.cachingproxy.jetty.front.ErrorPages;
import io.cachingproxy.jetty.front.FaultLog;
import io.cachingproxy.jetty.front.Forwardings;
import io.cachingproxy.jetty.front.HttpsRedirect;
import io.cachingproxy.jetty.front.IdleClients;
import io.cachingproxy.jetty.front.PendingWrites;
import io.cachingproxy.jetty.front.Periodic;
import io.cachingproxy.jetty.front.SlowClients;
import io.cachingproxy.jetty.front.TlsIdentity;
import io.cachingproxy.jetty.hit.HitConnection;
import io.cachingproxy.jetty.tracing.Tracing;
import io.cachingproxy.net.Pem;
import io.cachingproxy.origin.ConcurrencyLimiter;
import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.ConnectionSettings;
import io.cachingproxy.origin.NameResolver;
import io.cachingproxy.origin.OriginClient;
import io.cachingproxy.origin.OriginClients;
import io.cachingproxy.origin.OriginLimits;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.OriginServers;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.origin.OriginTls;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.ServerPool;
import io.cachingproxy.rules.Site;
import io.cachingproxy.store.BodyMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
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

/** A caching reverse proxy: a Jetty server with an {@link HttpCache} in front of one or more origins. */
public final class ProxyServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyServer.class);

    /** The name of the unnamed origin in {@link #origins()} and in metrics, unless a named origin has that name. */
    public static final String UNNAMED = "origin";

    /** Idle timeout of a connection while the server stops, in milliseconds. */
    private static final long IDLE_WHILE_STOPPING = 1000;

    /** Time that the connections accepted last have to send their request when the server stops, in nanoseconds. */
    private static final long ACCEPTED_LAST = 250_000_000;

    /** Maximum number of bytes of one read from, or one write to, a connection. */
    private static final int LONGEST_CHUNK = 64 * 1024;

    private final Parts parts;

    private ProxyServer(Builder builder) {
        this.parts = new Parts(builder);
    }

    /**
     * A builder with the default settings, without an origin.
     *
     * @throws IllegalStateException if Jetty is missing, or too old; the message says what to add
     */
    public static Builder builder() {
        RequiredJetty.check();
        return new Builder();
    }

    /**
     * Starts the server and its listener.
     *
     * @throws IOException if the server cannot listen on the port, for example because the port is in use
     */
    public void start() throws IOException {
        try {
            parts.server.start();
        } catch (IOException | RuntimeException failed) {
            throw failed;
        } catch (Exception failed) {
            throw new IOException("the server did not start: " + failed.getMessage(), failed);
        }
    }

    /** The port of the first listener. */
    public int port() {
        return parts.first().getLocalPort();
    }

    /** The ports of all listeners. */
    public List<Integer> ports() {
        return parts.connectors.stream().map(ServerConnector::getLocalPort).toList();
    }

    /**
     * Replaces the named origins, to which sites and rules refer. Origins with unchanged settings keep their connections
     * and the health state of their servers. Requests in flight to replaced or removed origins complete normally.
     */
    public void origins(Map<String, ConfiguredOrigin> value) {
        parts.named.replace(value);
    }

    /**
     * The server pool of each origin by name. The unnamed origin is listed as {@code origin}, unless a named origin has
     * that name.
     */
    public Map<String, ServerPool> origins() {
        return parts.named.pools();
    }

    /** Receives and forwards requests as this proxy does, without its cache. The proxy must be started. */
    public Examination examination() {
        return parts.examination;
    }

    /** Number of requests in flight. Hits that are served as they are read are not counted. */
    public long requests() {
        return parts.graceful.getCurrentRequestCount()
                + parts.connectors.stream()
                        .mapToLong(it -> it.getConnectionFactory(HitConnection.Factory.class)
                                .requests())
                        .sum();
    }

    /** Number of open client connections. */
    public int connections() {
        return parts.connectors.stream()
                .mapToInt(it -> it.getConnectedEndPoints().size())
                .sum();
    }

    /** When the first certificate of each listener with TLS expires, by the port of the listener. */
    public Map<Integer, Instant> certificateExpiry() {
        Map<Integer, Instant> expiry = new TreeMap<>();
        parts.identities.forEach((connector, identity) -> expiry.put(connector.getLocalPort(), identity.expiry()));
        return expiry;
    }

    /**
     * Continues to serve requests, but closes each connection after its next response, so that clients reconnect to
     * another instance.
     */
    public void drain() {
        for (ServerConnector connector : parts.connectors) {
            connector
                    .getConnectionFactory(HttpConnectionFactory.class)
                    .getHttpConfiguration()
                    .setPersistentConnectionsEnabled(false);
        }
    }

    /**
     * Graceful shutdown: stops accepting connections, closes idle ones, waits at most {@code grace} for requests in
     * flight, then stops. Requests that take longer are cut off with a log line.
     */
    public void stop(Duration grace) {
        drain();
        parts.connectors.forEach(
                ServerConnector::close); // before the pause: connections accepted last may have sent a request
        LockSupport.parkNanos(Math.min(ACCEPTED_LAST, grace.toNanos() / 4));
        long idle = Math.max(1, Math.min(IDLE_WHILE_STOPPING, grace.toMillis() / 4));
        parts.connectors.forEach(it -> it.setShutdownIdleTimeout(idle));
        parts.server.setStopTimeout(Math.max(1, grace.toMillis()));
        try {
            parts.server.stop();
        } catch (TimeoutException late) {
            LOG.warn("Stopped after {} ms, before all requests and connections had ended", grace.toMillis());
        } catch (Exception failed) {
            throw new IllegalStateException("the server did not stop", failed);
        }
    }

    /** Stops the server immediately, without waiting for requests in flight. */
    @Override
    public void close() {
        try {
            parts.server.stop();
        } catch (Exception failed) {
            throw new IllegalStateException("the server did not stop", failed);
        }
    }

    /** The parts of a server. A class of its own: {@link ProxyServer} links without Jetty, so that the builder can report it. */
    private static final class Parts {
        private final Server server;
        private final List<ServerConnector> connectors = new ArrayList<>();
        private final GracefulHandler graceful;
        private final NamedOrigins named;
        private final Examination examination;
        private final Map<ServerConnector, TlsIdentity> identities = new HashMap<>();

        Parts(Builder builder) {
            Limits limits = DirectMemory.fit(
                    OpenFiles.now().fit(builder.limits, builder.otherConnections), BodyMemory.directLimit());
            QueuedThreadPool threads = new QueuedThreadPool();
            threads.setName("proxy");
            ByteBufferPool buffers = builder.buffers == null ? pool(limits) : builder.buffers;
            this.server = new Server(threads, null, buffers);
            FaultLog faults = new FaultLog(System::nanoTime, builder.redaction);
            server.addBean(faults);
            ConcurrencyLimiter limiter = new ConcurrencyLimiter(
                    limits.origins().requests(), limits.origins().queue());
            OriginTls tls = new OriginTls(builder.authorities, null, null);
            RequestEvents events = new RequestEvents(builder.requestListeners);
            BiFunction<String, ConfiguredOrigin, OriginServers> made = (name, origin) -> {
                ConnectionSettings connections = origin.connections();
                OriginTls own = tls(connections, tls);
                Function<URI, OriginClient> clients = uri -> {
                    OriginClient sender = OriginClients.of(
                            uri,
                            connections.protocol().orElse(builder.protocol),
                            connections.timeouts(builder.timeouts),
                            new OriginLimits(
                                    limits.origins().headBytes(),
                                    limits.origins().headers(),
                                    limits.origins().requests(),
                                    connections.maxLifetime()),
                            own,
                            this::selectors,
                            threads,
                            buffers,
                            faults::origin);
                    sender.limit(limiter);
                    return sender;
                };
                return new OriginServers(
                        name,
                        origin.settings(),
                        clients,
                        () -> OriginClients.checking(own, threads, buffers),
                        builder.resolver);
            };
            OriginServers only = builder.origin == null ? null : made.apply("of the option origin", builder.origin);
            if (only != null) {
                server.addBean(only);
            }
            Origins origins = new Origins(only);
            this.named = new NamedOrigins(origins, made, this::scheduler);
            server.addBean(named);
            named.replace(builder.named);
            Forwardings forwardings = Forwardings.of(builder.trusted, builder.passUnderscores);
            PendingWrites pending =
                    new PendingWrites(() -> builder.cache.store().memory().tend(limiter.hasQueue()));
            CachingHandler caching = new CachingHandler(
                    builder.cache,
                    origins,
                    forwardings,
                    pending,
                    limits.clients().rate(),
                    events,
                    builder.tracing == null ? Tracing.ofProcess(builder.redaction) : builder.tracing,
                    builder.debug);
            caching.observer().ifPresent(server::setRequestLog);
            Map<Connector, Integer> redirected = new HashMap<>();
            for (Builder.Prepared prepared : builder.prepared()) {
                ListenerSettings settings = prepared.settings();
                TlsIdentity identity = prepared.identity();
                ServerConnector connector = Listener.of(
                        server,
                        settings.redirectToHttps().isPresent() ? (request, client) -> null : caching::resolve,
                        pending,
                        limits,
                        identity == null ? null : identity.tls(),
                        settings.proxyProtocol() ? builder.trusted : null);
                connector.setHost(settings.host());
                connector.setPort(settings.port());
                settings.redirectToHttps().ifPresent(port -> redirected.put(connector, port));
                connectors.add(connector);
                server.addConnector(connector);
                if (identity != null) {
                    identities.put(connector, identity);
                    server.addBean(new Periodic(connector.getScheduler(), identity));
                }
            }
            server.addBean(new Periodic(scheduler(), pending));
            server.setErrorHandler(new ErrorPages());
            limit(limits);
            this.examination = new ProxyExamination(builder.cache, origins, forwardings, !builder.purgeFrom.isEmpty());
            Purging purging = builder.cache.purging(origins.only());
            Handler.Wrapper serving = new PurgeHandler(builder.purgeFrom, purging, forwardings, caching);
            Predicate<String> hosts = host -> builder.cache.sites().find(host) != null;
            this.graceful =
                    new GracefulHandler(redirected.isEmpty() ? serving : new HttpsRedirect(redirected, hosts, serving));
            graceful.setDynamic(
                    false); // a dynamic handler counts as blocking: each request would move to another thread
            server.setDynamic(false);
            server.setHandler(graceful);
        }

        private static OriginTls tls(ConnectionSettings connections, OriginTls all) {
            try {
                return connections.tls().isPresent() ? connections.tls().get().read(all.authorities()) : all;
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }

        private ServerConnector first() {
            return connectors.get(0);
        }

        private Scheduler scheduler() {
            return first().getScheduler();
        }

        /** The selectors for fetches without a client connection; others use the selector of their client. */
        private SelectorManager selectors() {
            return first().getSelectorManager();
        }

        /** A pool of reusable buffers, up to the size of the longest response head, which HTTP/2 needs for each response. */
        private static ByteBufferPool pool(Limits limits) {
            return new ArrayByteBufferPool(0, -1, Math.max(LONGEST_CHUNK, Listener.headBytes(limits)));
        }

        private void limit(Limits limits) {
            ServerConnector[] all = connectors.toArray(ServerConnector[]::new);
            server.addBean(new NetworkConnectionLimit(limits.clients().connections(), all));
            for (ServerConnector connector : connectors) {
                server.addBean(new Periodic(scheduler(), new IdleClients(connector)));
                server.addBean(new Periodic(
                        scheduler(),
                        new SlowClients(
                                connector,
                                limits.clients().idle(),
                                limits.clients().rate())));
            }
        }
    }

    /** Settings of a {@link ProxyServer}. */
    public static final class Builder {
        private @Nullable ConfiguredOrigin origin;
        private final Map<String, ConfiguredOrigin> named = new HashMap<>();
        private final List<Prepared> listeners = new ArrayList<>();
        private String host = "127.0.0.1";
        private int port = 8000;
        private OriginTimeouts timeouts = OriginTimeouts.DEFAULT;
        private Limits limits = Limits.DEFAULT;
        private OriginProtocol protocol = OriginProtocol.HTTP1;
        private NameResolver resolver = NameResolver.JVM;
        private @Nullable ByteBufferPool buffers;
        private @Nullable TlsIdentity identity;
        private @Nullable KeyStore authorities;
        private AddressRanges purgeFrom = AddressRanges.NONE;
        private @Nullable AddressRanges trusted;
        private boolean proxyProtocol;
        private boolean passUnderscores;
        private int otherConnections;
        private final List<RequestListener> requestListeners = new ArrayList<>();
        private @Nullable Tracing tracing;
        private Redaction redaction = Redaction.BY_DEFAULT;
        private @Nullable CacheDebug debug;
        private HttpCache cache = HttpCache.builder().build();

        private Builder() {}

        /** A listener whose certificates are read. */
        private record Prepared(
                ListenerSettings settings, @Nullable TlsIdentity identity) {}

        private List<Prepared> prepared() {
            ListenerSettings only =
                    new ListenerSettings(host, port, Optional.empty(), proxyProtocol, OptionalInt.empty());
            return listeners.isEmpty() ? List.of(new Prepared(only, identity)) : listeners;
        }

        /**
         * URL of the unnamed origin: http or https, optionally with a path prefix. Required unless every site names an
         * origin.
         */
        public Builder origin(URI value) {
            return origin(ConfiguredOrigin.of(value));
        }

        /** The unnamed origin, with several servers or with settings other than the defaults. */
        public Builder origin(OriginSettings value) {
            return origin(new ConfiguredOrigin(value, ConnectionSettings.DEFAULT));
        }

        /**
         * The unnamed origin, with connection settings of its own.
         *
         * <p>{@link #build} throws {@link java.io.UncheckedIOException} if a file of its TLS settings cannot be read.
         */
        public Builder origin(ConfiguredOrigin value) {
            origin = value;
            return this;
        }

        /** URL of a named origin, to which sites and rules refer: http or https, optionally with a path prefix. */
        public Builder origin(String name, URI value) {
            return origin(name, ConfiguredOrigin.of(value));
        }

        /** A named origin, with several servers or with settings other than the defaults. */
        public Builder origin(String name, OriginSettings value) {
            return origin(name, new ConfiguredOrigin(value, ConnectionSettings.DEFAULT));
        }

        /** A named origin, with connection settings of its own; files are read as for the unnamed one. */
        public Builder origin(String name, ConfiguredOrigin value) {
            named.put(name, value);
            return this;
        }

        /**
         * Adds a listener. With the first one, {@link #host}, {@link #port}, {@link #tls} and {@link #proxyProtocol} have no
         * effect.
         *
         * @throws IOException if a file of the certificates is missing or invalid; the message is one sentence that names the
         *     file
         */
        public Builder listener(ListenerSettings value) throws IOException {
            TlsIdentity own =
                    value.tls().isPresent() ? new TlsIdentity(value.tls().get().files()) : null;
            listeners.add(new Prepared(value, own));
            return this;
        }

        /** Address of the listener; 127.0.0.1 by default. */
        public Builder host(String value) {
            host = value;
            return this;
        }

        /** Port of the listener; 8000 by default, 0 for any free port. */
        public Builder port(int value) {
            port = value;
            return this;
        }

        /** The cache; by default one in memory. The caller closes the cache; the server does not. */
        public Builder cache(HttpCache value) {
            cache = value;
            return this;
        }

        /** Adds a listener for the requests that were answered; by default there is none. */
        public Builder requestListener(RequestListener value) {
            requestListeners.add(value);
            return this;
        }

        /** Traces the requests; by default {@link Tracing#ofProcess} when the server is built. */
        public Builder tracing(Tracing value) {
            tracing = value;
            return this;
        }

        /** The secrets in URLs, which spans and the error log do not show; by default {@link Redaction#BY_DEFAULT}. */
        public Builder redaction(Redaction value) {
            redaction = value;
            return this;
        }

        /** Explains answers in the field Cache-Debug to requests with a valid token; by default none. */
        public Builder cacheDebug(CacheDebug value) {
            debug = value;
            return this;
        }

        /** Client addresses whose PURGE requests are accepted; by default none. */
        public Builder purgeFrom(AddressRanges value) {
            purgeFrom = value;
            return this;
        }

        /** Longest silence of the origin while a request is sent and after the head of its response; 30 s by default. */
        public Builder originIdleTimeout(Duration value) {
            return originTimeouts(timeouts.withIdle(value));
        }

        /** Timeouts of requests to origins; {@link OriginTimeouts#DEFAULT} by default. */
        public Builder originTimeouts(OriginTimeouts value) {
            timeouts = value;
            return this;
        }

        /** Limits on clients and origins; {@link Limits#DEFAULT} by default. */
        public Builder limits(Limits value) {
            limits = value;
            return this;
        }

        /** HTTP version of connections to origins; {@link OriginProtocol#HTTP1} by default. */
        public Builder originProtocol(OriginProtocol value) {
            protocol = value;
            return this;
        }

        /** Looks up the names of origins with {@link OriginSettings#resolve}; by default the resolver of the JVM. */
        public Builder resolver(NameResolver value) {
            resolver = value;
            return this;
        }

        /**
         * Number of connections of other listeners of the process, for which open files are reserved; 0 by default.
         */
        public Builder otherConnections(int value) {
            otherConnections = value;
            return this;
        }

        /** Buffer pool for client and origin connections. */
        Builder buffers(ByteBufferPool value) {
            buffers = value;
            return this;
        }

        /**
         * Addresses of trusted proxies, whose X-Forwarded-For and other proxy fields ({@link FieldClass}) are forwarded;
         * by default none.
         */
        public Builder trustedPeers(AddressRanges value) {
            trusted = value;
            return this;
        }

        /**
         * Forwards request fields with {@code _} or {@code .} in their name, unless the name resembles a proxy field. By
         * default such fields are dropped, because CGI, WSGI and PHP read them as other fields.
         */
        public Builder passUnderscoreHeaders() {
            passUnderscores = true;
            return this;
        }

        /**
         * Accepts the PROXY protocol, versions 1 and 2, from trusted peers. Every connection of a trusted peer must begin
         * with a PROXY header.
         */
        public Builder proxyProtocol() {
            proxyProtocol = true;
            return this;
        }

        /**
         * Serves over TLS only. The certificate and key are reloaded when the files change.
         *
         * @param chain PEM file with the certificate, followed by its intermediate certificates
         * @param key PEM file with the private key: PKCS #8, not encrypted
         * @throws IOException if a file is missing or invalid; the message is one sentence that names the file
         */
        public Builder tls(Path chain, Path key) throws IOException {
            identity = new TlsIdentity(CertificateFiles.of(chain, key));
            return this;
        }

        /**
         * CA certificates trusted for https origins, in place of the JVM's defaults.
         *
         * @param file PEM file with one or more certificates
         * @throws IOException if the file is missing or invalid; the message is one sentence that names the file
         */
        public Builder originAuthorities(Path file) throws IOException {
            authorities = Pem.trust(file);
            return this;
        }

        /**
         * Builds the server, without starting it.
         *
         * @throws IllegalStateException if an origin is missing, the PROXY protocol is on without trusted peers, or a part of
         *     Jetty is missing
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
            if (trusted == null
                    && prepared().stream().anyMatch(it -> it.settings().proxyProtocol())) {
                throw new IllegalStateException("the PROXY protocol needs trusted peers");
            }
            try {
                return new ProxyServer(this);
            } catch (NoClassDefFoundError missing) {
                throw RequiredJetty.missing(missing);
            }
        }
    }
}
