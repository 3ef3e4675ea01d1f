package io.cachingproxy.origin.balance;

import io.cachingproxy.rules.StatusRange;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The servers of an origin and their load balancing. Immutable; {@link #of(URI...)} has the defaults.
 *
 * @param servers at least one, with different URLs
 * @param balance the load balancing algorithm; by default round-robin
 * @param host the Host field of requests to the servers; null: the authority of each server's URL
 * @param check the active health check; by default none
 * @param eject passive ejection; by default after five consecutive failures, for 30 s, of at most half of the servers
 * @param retry retries on another server; by default two, after connection failures
 * @param slowStart how long the share of requests of a returning server grows to its full weight; zero: full weight at
 *     once
 * @param resolve the interval at which the host names of the servers are looked up again; all addresses of a name are
 *     servers of the pool, which share the weight. Empty: a name is resolved for each new connection, and its addresses
 *     are tried in turn
 */
public record OriginSettings(
        List<Server> servers,
        Balance balance,
        @Nullable String host,
        Optional<Check> check,
        Eject eject,
        Retry retry,
        Duration slowStart,
        Optional<Duration> resolve) {

    /**
     * A server of an origin.
     *
     * @param url http or https, with a host, optionally a port (default: that of the scheme) and a path prefix
     * @param weight the server's share of the requests relative to other servers, from 1 to 1,000
     * @param backup whether the server gets requests only while no regular server is available
     */
    public record Server(URI url, int weight, boolean backup) {
        public Server {
            Objects.requireNonNull(url, "url");
            if (weight < 1 || weight > 1_000) {
                throw new IllegalArgumentException("weight is " + weight + ", not from 1 to 1000");
            }
        }
    }

    /**
     * An active health check: a periodic GET request to each server.
     *
     * @param path the path of the request, optionally with a query
     * @param every the interval between two checks, plus up to a tenth of it as jitter
     * @param timeout the time after which an unanswered check fails
     * @param statuses the response statuses that pass the check
     * @param passes number of consecutive passed checks that make a server available
     * @param fails number of consecutive failed checks that make a server unavailable
     */
    public record Check(
            String path, Duration every, Duration timeout, List<StatusRange> statuses, int passes, int fails) {
        public Check {
            statuses = List.copyOf(statuses);
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("path '" + path + "' does not begin with /");
            }
            positive("every", every);
            positive("timeout", timeout);
            if (passes < 1 || fails < 1) {
                throw new IllegalArgumentException("passes and fails are at least 1");
            }
        }

        boolean passes(int status) {
            return StatusRange.isIn(statuses, status);
        }
    }

    /**
     * Passive ejection: a server with failing responses gets no requests for a period.
     *
     * @param failures number of consecutive failures that eject a server; zero: no ejection
     * @param latency time from the end of a request to the head of its response that counts as a failure if exceeded;
     *     empty: none
     * @param period the duration of an ejection
     * @param atMostPercent maximum share of the servers that are ejected at a time, from 0 to 100; the last available
     *     server is never ejected
     */
    public record Eject(int failures, Optional<Duration> latency, Duration period, int atMostPercent) {
        public Eject {
            positive("for", period);
            latency.ifPresent(most -> positive("latency", most));
            if (failures < 0 || atMostPercent < 0 || atMostPercent > 100) {
                throw new IllegalArgumentException("failures is at least 0, at-most from 0% to 100%");
            }
        }

        /** Ejection of servers that fail, however long their responses take. */
        public Eject(int failures, Duration period, int atMostPercent) {
            this(failures, Optional.empty(), period, atMostPercent);
        }
    }

    /**
     * Retries of requests with an idempotent method and without content (RFC 9110 §9.2.2) on another server.
     *
     * @param attempts maximum number of retries of a request; zero: no retries
     * @param connect whether a connection that fails, or breaks before a response, is a reason to retry
     * @param statuses the response statuses that are a reason to retry
     * @param budgetPercent number of retries permitted per hundred requests, from 0 to 100. Unused retries accumulate up
     *     to a thousand; a new pool starts with a hundred
     */
    public record Retry(int attempts, boolean connect, List<StatusRange> statuses, int budgetPercent) {
        public Retry {
            statuses = List.copyOf(statuses);
            if (attempts < 0 || budgetPercent < 0 || budgetPercent > 100) {
                throw new IllegalArgumentException("attempts is at least 0, budget from 0% to 100%");
            }
        }

        /** Whether a response with this status is a reason to retry. */
        public boolean isReason(int status) {
            return StatusRange.isIn(statuses, status);
        }
    }

    /** The default of {@link #eject}. */
    public static final Eject EJECT = new Eject(5, Duration.ofSeconds(30), 50);

    /** The default of {@link #retry}. */
    public static final Retry RETRY = new Retry(2, true, List.of(), 20);

    public OriginSettings {
        servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("there are no servers");
        }
        if (servers.stream().map(Server::url).distinct().count() < servers.size()) {
            throw new IllegalArgumentException("a server is there twice");
        }
        if (servers.stream().allMatch(Server::backup)) {
            throw new IllegalArgumentException("all servers are backups: one has to be none");
        }
        if (slowStart.isNegative()) {
            throw new IllegalArgumentException("slow-start is negative");
        }
        resolve.ifPresent(interval -> positive("resolve", interval));
    }

    /** Settings whose host names are resolved for each new connection. */
    public OriginSettings(
            List<Server> servers,
            Balance balance,
            @Nullable String host,
            Optional<Check> check,
            Eject eject,
            Retry retry,
            Duration slowStart) {
        this(servers, balance, host, check, eject, retry, slowStart, Optional.empty());
    }

    /** These settings with host names that are looked up again at this interval. */
    public OriginSettings resolving(Duration interval) {
        return new OriginSettings(servers, balance, host, check, eject, retry, slowStart, Optional.of(interval));
    }

    /** Settings with these servers and the defaults. */
    public static OriginSettings of(URI... urls) {
        List<Server> servers =
                List.of(urls).stream().map(url -> new Server(url, 1, false)).toList();
        return new OriginSettings(
                servers, new Balance.RoundRobin(), null, Optional.empty(), EJECT, RETRY, Duration.ZERO);
    }

    /** The URL of the first server, which identifies the unnamed origin in cache keys. */
    public URI url() {
        return servers.get(0).url();
    }

    /** The URLs of all servers. */
    public List<URI> urls() {
        return servers.stream().map(Server::url).toList();
    }

    private static void positive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + " is not longer than zero");
        }
    }
}
