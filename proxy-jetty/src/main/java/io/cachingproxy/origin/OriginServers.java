package io.cachingproxy.origin;

import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.Headers;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.origin.balance.HealthChecks;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.OriginSettings.Check;
import io.cachingproxy.origin.balance.OriginSettings.Server;
import io.cachingproxy.origin.balance.ServerAddress;
import io.cachingproxy.origin.balance.ServerPool;
import io.cachingproxy.origin.balance.ServerPool.Turn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.component.ContainerLifeCycle;
import org.eclipse.jetty.util.component.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An origin with one or more servers. Sends each request to one of the servers, and retries on another server if the
 * attempt fails before the client has received any byte of a response. Started and stopped by its owner.
 */
public final class OriginServers extends ContainerLifeCycle {
    private static final Logger LOG = LoggerFactory.getLogger(OriginServers.class);

    private final String name;
    private final ServerPool pool;
    private final List<Route> routes = new ArrayList<>();
    private final OwnLocation own;
    private final @Nullable HealthChecks health;
    private final List<LifeCycle> background = new ArrayList<>();

    /** @param addresses the clients of the addresses that are, or were, those of the server's name */
    private record Route(OriginClient client, Map<InetAddress, OriginClient> addresses, KeyBase base) {
        OriginClient client(Turn turn) {
            InetAddress address = turn.address();
            return address == null ? client : Objects.requireNonNull(addresses.get(address));
        }
    }

    /**
     * A request to an origin.
     *
     * @param head the request head with the client's URL; the path prefix of each server's URL is added
     * @param added the added fields
     * @param host the value of Host; null: the host of the settings, else the authority of the server's URL
     * @param client the client connection; null: none
     * @param address the client address; called only if the load balancing algorithm needs it
     * @param tracing the trace context of the request, and the spans of its attempts
     * @param back maps the path and query of the origin to those of the site, for locations with the address of a server; null:
     *     such locations are passed on
     */
    public record Outgoing(
            RequestHead head,
            Content body,
            Exchange exchange,
            AddedFields added,
            @Nullable String host,
            @Nullable EndPoint client,
            Supplier<@Nullable InetAddress> address,
            OriginTracing tracing,
            @Nullable UnaryOperator<@Nullable String> back) {}

    /**
     * An origin.
     *
     * @param name the name in the log
     * @param clients creates the HTTP client of a server
     * @param checking creates the HTTP client of the active health checks, which is owned by this object
     * @param resolver looks up the names of the servers, if they are looked up again
     */
    public OriginServers(
            String name,
            OriginSettings settings,
            Function<URI, OriginClient> clients,
            Supplier<HttpClient> checking,
            NameResolver resolver) {
        this.name = name;
        this.pool = new ServerPool(settings, System::nanoTime, new SplittableRandom(), new Ejections());
        this.own = OwnLocation.of(settings.urls(), settings.host());
        for (URI url : settings.urls()) {
            OriginClient client = clients.apply(url);
            addBean(client);
            KeyBase base = KeyBase.of(url);
            routes.add(new Route(client, new ConcurrentHashMap<>(), base));
        }
        this.health =
                settings.check().map(check -> checks(check, checking.get())).orElse(null);
        settings.resolve()
                .ifPresent(every ->
                        background.add(new NameLookups(name, settings.servers(), every, resolver, this::found)));
        background.forEach(this::addBean);
    }

    private HealthChecks checks(Check check, HttpClient client) {
        HealthChecks checks = new HealthChecks(name, pool, check, client);
        background.addAll(List.of(client, checks));
        return checks;
    }

    /** Uses these addresses for the server from now on. Called by one thread at a time for a server. */
    private void found(int server, List<InetAddress> addresses) {
        Route route = routes.get(server);
        for (InetAddress address : addresses) {
            OriginClient known = route.addresses().get(address);
            if (known == null) {
                OriginClient client = route.client().at(address);
                addManaged(client);
                route.addresses().put(address, client);
            } else {
                known.resume();
            }
        }
        ServerPool.Changes changes = pool.addresses(server, addresses);
        if (!changes.isEmpty()) {
            route.client().retire();
            NameLookups.log(name, pool.settings().servers().get(server).url(), addresses);
        }
        changes.gone()
                .forEach(address ->
                        Objects.requireNonNull(route.addresses().get(address)).retire());
        for (InetAddress unused : pool.removeUnused(server)) {
            OriginClient client = route.addresses().remove(unused);
            removeBean(client);
            LifeCycle.stop(client);
        }
        if (health != null) {
            health.refresh();
        }
    }

    /** Takes over the addresses and the health of the servers with the same URL from the origin that this one replaces. */
    public void continueFrom(OriginServers before) {
        List<Server> servers = pool.settings().servers();
        for (int index = 0; index < servers.size(); index++) {
            List<InetAddress> known = before.pool.addresses(servers.get(index).url());
            if (pool.settings().resolve().isPresent() && !known.isEmpty()) {
                found(index, known);
            }
        }
        pool.continueFrom(before.pool);
    }

    /**
     * Ends lookups and health checks, and closes idle connections, for an origin that is replaced. Requests in flight
     * complete.
     */
    public void retire() {
        background.forEach(it -> LifeCycle.stop(it));
        routes.forEach(route -> {
            route.client().retire();
            route.addresses().values().forEach(OriginClient::retire);
        });
    }

    private final class Ejections implements ServerPool.Ejections {
        @Override
        public void ejected(ServerAddress server, int failures, Duration period) {
            LOG.warn(
                    "Server {} of origin {} gets no requests for {} ms: {} requests {} in a row",
                    server,
                    name,
                    period.toMillis(),
                    failures,
                    pool.settings().eject().latency().isPresent() ? "failed or were slow" : "failed");
        }

        @Override
        public void returned(ServerAddress server) {
            LOG.info("Server {} of origin {} gets requests again", server, name);
        }
    }

    /** The servers, with their health and load. */
    public ServerPool pool() {
        return pool;
    }

    /** Whether the URL of a server has a path. */
    public boolean hasPrefix() {
        return routes.stream().anyMatch(route -> !route.base().prefix().isEmpty());
    }

    /** Sends a request to a server, and passes the response to the exchange. Always ends the exchange. */
    public void send(Outgoing request) {
        boolean needsClient = pool.settings().balance().needsClient();
        Turn turn = pool.first(request.head(), needsClient ? request.address().get() : null);
        if (turn == null) {
            String sentence = "no server of the origin is available";
            request.exchange()
                    .onFailure(new OriginException(
                            Kind.BUSY,
                            sentence,
                            new IOException("all servers of origin " + name + " fail their checks")));
            return;
        }
        send(request, turn);
    }

    private void send(Outgoing request, Turn turn) {
        Route route = routes.get(turn.index());
        request.exchange().onAttempt();
        String host = request.host() == null ? pool.settings().host() : request.host();
        OriginTracing.Attempt traced = request.tracing()
                .begin(
                        request.head().withTarget(route.base().of(request.head().target())),
                        request.exchange().attempts());
        route.client(turn)
                .fetch(
                        traced.head(),
                        request.body(),
                        request.exchange(),
                        request.back() == null ? request.added() : new Located(request.added(), own, request.back()),
                        host,
                        request.client(),
                        new ServerAttempt(request, turn, traced));
    }

    /** Fields with the locations of a server mapped to the site. */
    private record Located(AddedFields added, OwnLocation own, UnaryOperator<@Nullable String> back)
            implements AddedFields {
        @Override
        public Headers fields() {
            return added.fields();
        }

        @Override
        public Headers selected(Headers response) {
            return own.mapped(added.selected(response), back);
        }
    }

    private final class ServerAttempt implements Attempt {
        private final Outgoing request;
        private final Turn turn;
        private final OriginTracing.Attempt traced;
        private @Nullable Turn next;
        /** Whether the response takes long enough to count as a failure, so that no other outcome counts. */
        private volatile boolean isSlow;

        ServerAttempt(Outgoing request, Turn turn, OriginTracing.Attempt traced) {
            this.request = request;
            this.turn = turn;
            this.traced = traced;
        }

        @Override
        public Optional<Duration> latency() {
            return pool.settings().eject().latency();
        }

        @Override
        public void slow() {
            isSlow = true;
            turn.failed();
        }

        @Override
        public boolean answered(int status) {
            traced.answered(status);
            if (!isSlow && (status == 502 || status == 503 || status == 504)) {
                turn.failed();
            } else if (!isSlow) {
                turn.succeeded();
            }
            return pool.settings().retry().isReason(status) && Fetch.isRepeatable(request.head()) && isThereAnother();
        }

        @Override
        public boolean failed(OriginException fault, Progress progress, boolean slowClient) {
            traced.failed(fault);
            if (fault.kind() != Kind.FAILED && fault.kind() != Kind.TIMEOUT) {
                return false;
            }
            if (!slowClient && !isSlow) {
                turn.failed();
            }
            boolean repeatable =
                    progress == Progress.UNSENT || (progress == Progress.SENT && Fetch.isRepeatable(request.head()));
            return repeatable && isReason(fault, progress) && isThereAnother();
        }

        private boolean isReason(OriginException fault, Progress progress) {
            OriginSettings.Retry retry = pool.settings().retry();
            boolean ofConnection = progress == Progress.UNSENT || fault.kind() == Kind.FAILED;
            return (ofConnection && retry.connect())
                    || retry.isReason(fault.kind().status());
        }

        private boolean isThereAnother() {
            next = turn.again();
            return next != null;
        }

        @Override
        public void retry() {
            if (next != null) {
                send(request, next);
            }
        }

        @Override
        public void cancelRetry() {
            if (next != null) {
                next.end();
            }
        }

        @Override
        public void end() {
            turn.end();
            traced.ended();
        }
    }

    @Override
    public String toString() {
        return "OriginServers[" + name + "]";
    }
}
