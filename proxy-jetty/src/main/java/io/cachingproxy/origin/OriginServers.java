package io.cachingproxy.origin;

import io.cachingproxy.Exchange;
import io.cachingproxy.OriginException;
import io.cachingproxy.OriginException.Kind;
import io.cachingproxy.http.Content;
import io.cachingproxy.http.RequestHead;
import io.cachingproxy.key.KeyBase;
import io.cachingproxy.origin.balance.HealthChecks;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.origin.balance.ServerPool;
import io.cachingproxy.origin.balance.ServerPool.Turn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.component.ContainerLifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to an origin: to one of its servers, and to another one if that one fails before the client has seen anything of
 * it. To be started, and stopped, by its owner.
 */
public final class OriginServers extends ContainerLifeCycle {
    private static final Logger LOG = LoggerFactory.getLogger(OriginServers.class);

    private final String name;
    private final ServerPool pool;
    private final List<Way> ways = new ArrayList<>();

    private record Way(OriginClient client, KeyBase base) {}

    /**
     * A request on its way to an origin.
     *
     * @param head with the URL as clients have it; each server gets it under the path of its own URL
     * @param added reports the client
     * @param host the Host that servers get; null: the one of the settings, else their own
     * @param client the connection of the client that caused it; null: there is none
     * @param address of that client, asked for only where the choice of a server needs it
     */
    public record Outgoing(
            RequestHead head,
            Content body,
            Exchange exchange,
            AddedFields added,
            @Nullable String host,
            @Nullable EndPoint client,
            Supplier<@Nullable InetAddress> address) {}

    /**
     * An origin.
     *
     * @param name for the log
     * @param clients makes the client of a server
     * @param checks sends the active checks, if there are any; not shared with anything else
     */
    public OriginServers(
            String name, OriginSettings settings, Function<URI, OriginClient> clients, Supplier<HttpClient> checks) {
        this.name = name;
        this.pool = new ServerPool(settings, System::nanoTime, new SplittableRandom(), new Ejections());
        for (URI url : settings.urls()) {
            OriginClient client = clients.apply(url);
            addBean(client);
            ways.add(new Way(client, KeyBase.of(url)));
        }
        settings.check().ifPresent(check -> {
            HttpClient client = checks.get();
            addBean(client);
            addBean(new HealthChecks(name, pool, check, client));
        });
    }

    private final class Ejections implements ServerPool.Ejections {
        @Override
        public void ejected(URI server, int failures, Duration period) {
            LOG.warn(
                    "Server {} of origin {} gets no requests for {} ms: {} requests failed in a row",
                    server,
                    name,
                    period.toMillis(),
                    failures);
        }

        @Override
        public void returned(URI server) {
            LOG.info("Server {} of origin {} gets requests again", server, name);
        }
    }

    /** The servers and what is known of them. */
    public ServerPool pool() {
        return pool;
    }

    /** Whether the URL of a server has a path. */
    public boolean hasPrefix() {
        return ways.stream().anyMatch(way -> !way.base().prefix().isEmpty());
    }

    /** Sends a request to a server, and what comes back into its exchange, which ends, whatever fails. */
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
        Way way = ways.get(turn.index());
        String host = request.host() == null ? pool.settings().host() : request.host();
        way.client()
                .fetch(
                        request.head().withTarget(way.base().of(request.head().target())),
                        request.body(),
                        request.exchange(),
                        request.added(),
                        host,
                        request.client(),
                        new AtServer(request, turn));
    }

    private final class AtServer implements Attempt {
        private final Outgoing request;
        private final Turn turn;
        private @Nullable Turn next;

        AtServer(Outgoing request, Turn turn) {
            this.request = request;
            this.turn = turn;
        }

        @Override
        public boolean answered(int status) {
            if (status == 502 || status == 503 || status == 504) {
                turn.failed();
            } else {
                turn.succeeded();
            }
            return pool.settings().retry().isReason(status) && Fetch.isRepeatable(request.head()) && isThereAnother();
        }

        @Override
        public boolean failed(OriginException fault, Progress progress, boolean slowClient) {
            if (fault.kind() != Kind.FAILED && fault.kind() != Kind.TIMEOUT) {
                return false;
            }
            if (!slowClient) {
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
        public void goElsewhere() {
            if (next != null) {
                send(request, next);
            }
        }

        @Override
        public void stay() {
            if (next != null) {
                next.end();
            }
        }

        @Override
        public void end() {
            turn.end();
        }
    }

    @Override
    public String toString() {
        return "OriginServers[" + name + "]";
    }
}
