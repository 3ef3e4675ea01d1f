package io.cachingproxy.cli;

import io.cachingproxy.HttpCache;
import io.cachingproxy.Purging;
import io.cachingproxy.cli.admin.AdminRoutes;
import io.cachingproxy.cli.admin.AdminServer;
import io.cachingproxy.cli.admin.CacheApi;
import io.cachingproxy.cli.admin.HealthApi;
import io.cachingproxy.cli.admin.MetricsApi;
import io.cachingproxy.cli.admin.OriginsApi;
import io.cachingproxy.cli.config.Durations;
import io.cachingproxy.cli.config.PolicyName;
import io.cachingproxy.cli.metrics.Metrics;
import io.cachingproxy.jetty.ProxyServer;
import io.cachingproxy.key.KeyBase;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** One running proxy: its store, its listener and its admin listener, started and stopped in the right order. */
final class Instance {
    private static final Duration GRACE = Duration.ofSeconds(30);

    /** How long startup waits for a connection to the store, so that the first requests find stored responses. */
    private static final Duration CONTACT = Duration.ofSeconds(2);

    private final Settings settings;
    private final Stores.Open store;
    private final ProxyServer proxy;
    private final HealthApi health = new HealthApi();
    private final Optional<Metrics> metrics;
    private final Optional<AdminServer> admin;
    private final Optional<FileWatch> watch;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Instance(Launch.Plan plan) throws Failure {
        Settings settings = plan.settings();
        this.settings = settings;
        refuseLoop(settings);
        ProxyServer.Builder builder = secured(settings.connections());
        store = Stores.open(settings.storage());
        Optional<Metrics> measured = settings.admin().map(it -> new Metrics(InstantSource.system()));
        HttpCache.Builder parts = HttpCache.builder()
                .store(store.store())
                .leases(store.leases())
                .sites(settings.routes().sites())
                .maxObjectBytes(settings.storage().maxObject().bytes())
                .maxWaiters(settings.connections().waiters())
                .clock(InstantSource.system());
        measured.ifPresent(it -> it.cacheListeners().forEach(parts::listener));
        HttpCache cache = parts.build();
        settings.routes().origin().ifPresent(builder::origin);
        settings.routes().named().forEach(builder::origin);
        measured.ifPresent(it -> builder.listener(it.requestListener()));
        proxy = builder.host(settings.host())
                .port(settings.port().number())
                .cache(cache)
                .purgeFrom(settings.connections().peers().purgeFrom())
                .build();
        Purging purging = cache.purging(settings.routes().url().map(KeyBase::of).orElse(null));
        Reloading reloading = new Reloading(plan, cache, proxy, InstantSource.system());
        metrics = measured;
        admin = settings.admin().map(it -> {
            AdminRoutes routes = AdminRoutes.of(
                    health,
                    new CacheApi(store.clearing(), purging),
                    new ConfigurationApi(reloading),
                    new OriginsApi(proxy::origins),
                    metricsApi(measured.orElseThrow(), cache, reloading));
            return new AdminServer(it.host(), it.port().number(), it.token(), routes);
        });
        if (reloading.hasFile()) {
            HangUp.on(reloading::reload);
        }
        watch = plan.watched().map(file -> new FileWatch(file, reloading::reload));
    }

    private MetricsApi metricsApi(Metrics measured, HttpCache cache, Reloading reloading) {
        if (reloading.hasFile()) {
            measured.gauge(
                    "config.last.reload.success", null, "1 if the last reload was applied, 0 if it was refused", () -> {
                        return reloading
                                .last()
                                .map(it -> it.outcome() instanceof Reloading.Refused ? 0 : 1)
                                .orElse(1);
                    });
            long started = Instant.now().getEpochSecond();
            measured.gauge(
                    "config.last.reload.timestamp",
                    "seconds",
                    "When the file was last reloaded or refused",
                    () -> reloading.last().map(it -> it.time().getEpochSecond()).orElse(started));
        }
        Metrics.Exposed exposed =
                measured.of(cache, proxy, settings.storage().redis().isPresent());
        return new MetricsApi(exposed::prometheus, () -> exposed.stats(Version.current()));
    }

    private static void refuseLoop(Settings settings) throws Failure {
        int port = settings.port().number();
        for (URI origin : settings.routes().urls()) {
            refuseLoop(origin, settings, port);
        }
    }

    private static void refuseLoop(URI origin, Settings settings, int port) throws Failure {
        if (OwnAddress.isReachedBy(origin, settings.host(), port)) {
            throw Failure.wrongUsage("origin " + origin + " is the address that this proxy listens on, "
                    + authority(settings.host(), port) + ": choose another port or origin");
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

    private static ProxyServer.Builder secured(Settings.Connections connections) throws Failure {
        Settings.Peers peers = connections.peers();
        Settings.ToOrigins toOrigins = connections.toOrigins();
        ProxyServer.Builder builder = ProxyServer.builder()
                .originProtocol(toOrigins.protocol())
                .limits(connections.limits())
                .originTimeouts(toOrigins.timeouts());
        peers.trusted().ifPresent(builder::trustedPeers);
        if (peers.proxyProtocol()) {
            builder.proxyProtocol();
        }
        if (peers.passUnderscores()) {
            builder.passUnderscoreHeaders();
        }
        try {
            if (connections.tls().isPresent()) {
                Settings.Tls tls = connections.tls().get();
                builder.tls(tls.chain(), tls.key());
            }
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
        } catch (IOException e) {
            throw cannotListen(settings.host(), settings.port(), ListenProblem.PROXY, e);
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

    private void close() {
        proxy.close();
        admin.ifPresent(AdminServer::close);
        metrics.ifPresent(Metrics::close);
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
                + " listening on " + (settings.connections().tls().isPresent() ? "https" : "http") + "://"
                + authority(settings.host(), proxy.port())
                + " for " + settings.routes()
                + ", policy " + PolicyName.described(settings.policy())
                + ", stored " + store.description().get()
                + admin.map(it -> ", admin on " + it).orElse("");
    }
}
