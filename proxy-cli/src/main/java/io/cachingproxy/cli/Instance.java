package io.cachingproxy.cli;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Purging;
import io.cachingproxy.cli.admin.AdminAccess;
import io.cachingproxy.cli.admin.AdminLimits;
import io.cachingproxy.cli.admin.AdminRoutes;
import io.cachingproxy.cli.admin.AdminServer;
import io.cachingproxy.cli.admin.CacheApi;
import io.cachingproxy.cli.admin.Dashboard;
import io.cachingproxy.cli.admin.EntriesApi;
import io.cachingproxy.cli.admin.ExplainApi;
import io.cachingproxy.cli.admin.ExplanationJson;
import io.cachingproxy.cli.admin.HealthApi;
import io.cachingproxy.cli.admin.KeyAdviceApi;
import io.cachingproxy.cli.admin.MetricsApi;
import io.cachingproxy.cli.admin.Nodes;
import io.cachingproxy.cli.admin.NodesApi;
import io.cachingproxy.cli.admin.OpenApi;
import io.cachingproxy.cli.admin.OriginsApi;
import io.cachingproxy.cli.admin.PurgeApi;
import io.cachingproxy.cli.admin.PurgeDialectsApi;
import io.cachingproxy.cli.admin.RequestsApi;
import io.cachingproxy.cli.admin.ShadowApi;
import io.cachingproxy.cli.admin.TrafficApi;
import io.cachingproxy.cli.config.Durations;
import io.cachingproxy.cli.config.PolicyName;
import io.cachingproxy.cli.metrics.Metrics;
import io.cachingproxy.cli.preview.KeyAdvice;
import io.cachingproxy.cli.preview.Preview;
import io.cachingproxy.cli.preview.Recorder;
import io.cachingproxy.cli.preview.Shadow;
import io.cachingproxy.cli.requests.AccessLog;
import io.cachingproxy.cli.requests.RecentRequests;
import io.cachingproxy.jetty.ListenerSettings;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.jetty.debug.CacheDebug;
import io.cachingproxy.jetty.events.Redaction;
import io.cachingproxy.jetty.front.CertificateFiles;
import io.cachingproxy.jetty.front.TlsIdentity;
import io.cachingproxy.key.KeyBase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** One running proxy: its store, its listener and its admin listener, started and stopped in the right order. */
final class Instance {
    private static final Duration GRACE = Duration.ofSeconds(30);

    /** How long startup waits for a connection to the store, so that the first requests find stored responses. */
    private static final Duration CONTACT = Duration.ofSeconds(2);

    private final Settings settings;
    private final NodeName name = new NodeName();
    private final Stores.Open store;
    private final ProxyServer proxy;
    private final HealthApi health = new HealthApi();
    private final Optional<AccessLog> accessLog;
    private final Optional<Metrics> metrics;
    private final Optional<Shadow> shadow;
    private final Optional<AdminServer> admin;
    private final Optional<FileWatch> watch;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Instance(Launch.Plan plan) throws Failure {
        Settings settings = plan.settings();
        this.settings = settings;
        refuseLoop(settings);
        ProxyServer.Builder builder = secured(settings);
        store = Stores.open(settings.storage(), name::toString);
        accessLog = accessLog(settings.logged());
        accessLog.ifPresent(builder::requestListener);
        settings.admin().ifPresent(it -> builder.otherConnections(AdminLimits.DEFAULT.connections()));
        Redaction redaction = new Redaction(settings.logged().redact());
        builder.redaction(redaction);
        metrics = settings.admin().map(it -> new Metrics(InstantSource.system(), redaction));
        RecentRequests recent = new RecentRequests(redaction, InstantSource.system());
        Recorder recorder = new Recorder(InstantSource.system());
        long maxObject = Math.min(
                settings.storage().maxObject().bytes(), store.store().memory().longestBody());
        shadow = metrics.map(it -> new Shadow(InstantSource.system(), redaction, maxObject, it.registry()));
        shadow.ifPresent(it -> it.sites(settings.routes().sites()));
        HttpCache.Builder parts = HttpCache.builder()
                .store(store.store())
                .leases(store.leases())
                .sites(settings.routes().sites())
                .maxObjectBytes(settings.storage().maxObject().bytes())
                .maxWaiters(settings.connections().waiters())
                .clock(InstantSource.system());
        metrics.ifPresent(it -> {
            it.cacheListeners().forEach(parts::listener);
            parts.listener(recorder);
        });
        shadow.ifPresent(parts::listener);
        HttpCache cache = parts.build();
        metrics.ifPresent(it -> {
            it.requestListeners().forEach(builder::requestListener);
            builder.requestListener(recent);
            builder.requestListener(recorder);
            accessLog.ifPresent(it::accessLog);
        });
        settings.connections()
                .peers()
                .debug()
                .map(it -> new CacheDebug(it, key -> ExplanationJson.key(key, redaction), InstantSource.system()))
                .ifPresent(builder::cacheDebug);
        settings.routes().origin().ifPresent(builder::origin);
        settings.routes().named().forEach(builder::origin);
        proxy = builder.cache(cache)
                .purgeFrom(settings.connections().peers().purgeFrom())
                .build();
        KeyBase only = settings.routes().url().map(KeyBase::of).orElse(null);
        Purging purging = cache.purging(only);
        Reloading reloading = new Reloading(
                plan, cache, proxy, sites -> shadow.ifPresent(it -> it.sites(sites)), InstantSource.system());
        Optional<TlsIdentity> adminTls = adminTls(settings);
        Nodes nodes = store.redis()
                .map(Nodes::of)
                .orElseGet(() -> Nodes.alone(name::toString, Version.current(), InstantSource.system()));
        admin = settings.admin().map(it -> {
            Metrics.Exposed exposed = exposed(metrics.orElseThrow(), cache, reloading);
            AdminRoutes routes = AdminRoutes.of(
                    health,
                    new OpenApi(),
                    new Dashboard(),
                    new CacheApi(this::clear, purging, redaction),
                    new PurgeApi(purging, settings.storage().redis().isPresent(), nodes, redaction),
                    new NodesApi(nodes),
                    new PurgeDialectsApi(purging, redaction),
                    new EntriesApi(store.store(), purging, store.redis(), redaction, InstantSource.system()),
                    new ExplainApi(cache, proxy.examination(), recent, recorder::response, redaction),
                    new ConfigurationApi(
                            reloading,
                            (sites, secrets) -> Preview.of(recorder, cache.sites(), sites, secrets, only, redaction)),
                    new KeyAdviceApi(() -> KeyAdvice.of(recorder)),
                    new ShadowApi(() -> shadow.orElseThrow().json(cache.sites())),
                    new OriginsApi(proxy::origins),
                    new RequestsApi(recent),
                    new MetricsApi(exposed::prometheus, () -> stats(exposed, cache)),
                    new TrafficApi(exposed.history(), exposed.top(), exposed.serverChanges()));
            AdminAccess access = new AdminAccess(it.token(), it.readToken(), adminTls);
            return new AdminServer(it.host(), it.port().number(), access, routes);
        });
        if (reloading.hasFile() || accessLog.isPresent()) {
            HangUp.on(() -> {
                accessLog.ifPresent(AccessLog::reopen);
                reloading.reload();
            });
        }
        watch = plan.watched().map(file -> new FileWatch(file, reloading::reload));
    }

    private static Optional<TlsIdentity> adminTls(Settings settings) throws Failure {
        Optional<ListenerSettings.Certificate> certificate = settings.admin().flatMap(Settings.Admin::tls);
        if (certificate.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new TlsIdentity(CertificateFiles.of(
                    certificate.get().chain(), certificate.get().key())));
        } catch (IOException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private static Optional<AccessLog> accessLog(Settings.Logged logged) throws Failure {
        if (logged.accessLog().isEmpty()) {
            return Optional.empty();
        }
        AccessLog.Settings settings = logged.accessLog().get();
        try {
            return Optional.of(new AccessLog(settings, InstantSource.system()));
        } catch (IOException e) {
            throw new Failure(
                    "--access-log: " + settings.file().map(Path::toString).orElse("-") + " cannot be written", e);
        }
    }

    private Metrics.Exposed exposed(Metrics measured, HttpCache cache, Reloading reloading) {
        if (reloading.hasFile()) {
            measured.gauge(
                    "config.last.reload.success",
                    null,
                    "1 if the last reload was applied, 0 if it was refused",
                    () -> reloading
                            .last()
                            .map(it -> it.outcome() instanceof Reloading.Refused ? 0 : 1)
                            .orElse(1));
            long started = InstantSource.system().instant().getEpochSecond();
            measured.gauge(
                    "config.last.reload.timestamp",
                    "seconds",
                    "When the file was last reloaded or refused",
                    () -> reloading.last().map(it -> it.time().getEpochSecond()).orElse(started));
        }
        return measured.of(cache, proxy, store.redis());
    }

    private Map<String, Object> stats(Metrics.Exposed exposed, HttpCache cache) {
        Map<String, Object> stats = exposed.stats(Version.current());
        List<Map<String, Object>> sites =
                shadow.map(it -> it.summary(cache.sites())).orElse(List.of());
        if (!sites.isEmpty()) {
            stats.put("shadow", sites);
        }
        return stats;
    }

    private static void refuseLoop(Settings settings) throws Failure {
        for (URI origin : settings.routes().urls()) {
            for (ListenerSettings listener : settings.listeners()) {
                refuseLoop(origin, listener.host(), listener.port());
            }
        }
    }

    private static void refuseLoop(URI origin, String host, int port) throws Failure {
        if (OwnAddress.isReachedBy(origin, host, port)) {
            throw Failure.wrongUsage("origin " + origin + " is the address that this proxy listens on, "
                    + authority(host, port) + ": choose another port or origin");
        }
    }

    /** Starts an instance and its listeners. */
    static Instance start(Launch.Plan plan) throws Failure {
        Instance instance = new Instance(plan);
        plan.settings().routes().urls().forEach(origin -> new OriginLookup(origin).begin());
        try {
            instance.store.awaitReady(CONTACT);
            instance.listen();
            return instance;
        } catch (Failure e) {
            instance.close();
            throw e;
        }
    }

    private static ProxyServer.Builder secured(Settings settings) throws Failure {
        ProxyServer.Builder builder = connected(settings);
        try {
            for (ListenerSettings listener : settings.listeners()) {
                builder.listener(listener);
            }
            return builder;
        } catch (IOException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    /** A proxy with these settings of clients and origins, without origins and listeners. */
    static ProxyServer.Builder connected(Settings settings) throws Failure {
        Settings.Connections connections = settings.connections();
        Settings.Peers peers = connections.peers();
        Settings.ToOrigins toOrigins = connections.toOrigins();
        ProxyServer.Builder builder = ProxyServer.builder()
                .originProtocol(toOrigins.protocol())
                .limits(connections.limits())
                .originTimeouts(toOrigins.timeouts());
        peers.trusted().ifPresent(builder::trustedPeers);
        if (peers.passUnderscores()) {
            builder.passUnderscoreHeaders();
        }
        try {
            if (toOrigins.authorities().isPresent()) {
                builder.originAuthorities(toOrigins.authorities().get());
            }
            return builder;
        } catch (IOException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private void listen() throws Failure {
        try {
            proxy.start();
            name.listening(proxy.ports());
        } catch (IOException e) {
            ListenerSettings failed = settings.listeners().stream()
                    .filter(it -> String.valueOf(e.getMessage()).contains(":" + it.port()))
                    .findFirst()
                    .orElse(settings.listeners().get(0));
            throw cannotListen(failed.host(), new Port(failed.port()), ListenProblem.PROXY, e);
        }
        if (admin.isPresent()) {
            try {
                admin.get().start();
            } catch (IOException e) {
                Settings.Admin listener = settings.admin().orElseThrow();
                throw cannotListen(listener.host(), listener.port(), ListenProblem.ADMIN, e);
            }
        }
        watch.ifPresent(FileWatch::start);
    }

    private static Failure cannotListen(String host, Port port, ListenProblem.Options options, IOException e) {
        return new Failure(
                "Cannot listen on " + authority(host, port.number()) + ": " + ListenProblem.of(e, host, options), e);
    }

    /**
     * Graceful shutdown: reports not ready, continues to accept requests until load balancers have noticed, waits for
     * requests in flight, and closes the store.
     *
     * @param log receives a line for each step
     */
    void stop(Consumer<String> log) {
        log.accept("caching-proxy draining: not ready, accepting for another "
                + Durations.text(settings.connections().drain()));
        watch.ifPresent(FileWatch::close);
        health.stopping();
        proxy.drain();
        pause(settings.connections().drain());
        log.accept("caching-proxy stopping: requests under way have " + Durations.text(GRACE));
        proxy.stop(GRACE);
        close();
        log.accept("caching-proxy stopped");
    }

    static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The admin listener, if there is one. */
    Optional<AdminServer> admin() {
        return admin;
    }

    private CompletionStage<?> clear() {
        shadow.ifPresent(Shadow::clear);
        return store.clearing().get();
    }

    private void close() {
        proxy.close();
        admin.ifPresent(AdminServer::close);
        shadow.ifPresent(Shadow::close);
        metrics.ifPresent(Metrics::close);
        accessLog.ifPresent(AccessLog::close);
        store.store().close();
        stopped.countDown();
    }

    void awaitStop() throws InterruptedException {
        stopped.await();
    }

    static String authority(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** The start line: listener addresses, store and origin. */
    @Override
    public String toString() {
        return "caching-proxy " + Version.current()
                + " listening on " + Summary.listeners(settings.listeners(), proxy.ports())
                + " for " + settings.routes()
                + ", policy " + PolicyName.described(settings.policy())
                + ", stored " + store.description().get()
                + admin.map(it -> ", admin on " + it).orElse("");
    }
}
