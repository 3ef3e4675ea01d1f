package io.cachingproxy.origin.balance;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The servers of an origin and how requests are spread over them. Immutable; {@link #of(URI...)} has the defaults.
 *
 * @param servers at least one, with different URLs
 * @param balance the algorithm; by default round-robin
 * @param host the Host field that servers get; null: the authority of each server's URL
 * @param check the active check; by default none
 * @param eject the passive ejection; by default after five failures in a row for 30 s, at most half of the servers
 * @param retry retries on another server; by default two, after failed connections
 * @param slowStart for how long a server that comes back gets a growing share of the requests; zero: it gets its whole share
 *     at once
 */
public record OriginSettings(
        List<Server> servers,
        Balance balance,
        @Nullable String host,
        Optional<Check> check,
        Eject eject,
        Retry retry,
        Duration slowStart) {

    /**
     * A server.
     *
     * @param url http or https, with a host, a port where it is not the usual one, and perhaps a path prefix
     * @param weight its share of the requests beside the others', from 1 to 1,000
     * @param backup whether it gets requests only while no other server is available
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
     * An active check: a request that each server gets by itself.
     *
     * @param path with a query, if there is one
     * @param every the time from one check to the next, and up to a tenth more
     * @param timeout after which an unanswered check has failed
     * @param statuses the statuses that pass, as ranges
     * @param passes so many in a row make a server available
     * @param fails so many in a row make it unavailable
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
            return statuses.stream().anyMatch(range -> range.contains(status));
        }
    }

    /** Statuses from {@code first} to {@code last}. */
    public record StatusRange(int first, int last) {
        public StatusRange {
            if (first < 100 || last > 599 || first > last) {
                throw new IllegalArgumentException(first + "-" + last + " is no range of statuses from 100 to 599");
            }
        }

        /** {@code 200}, {@code 5xx} or {@code 200-299}. */
        public static StatusRange parse(String text) {
            if (text.matches("[1-5]xx")) {
                int hundred = (text.charAt(0) - '0') * 100;
                return new StatusRange(hundred, hundred + 99);
            }
            if (!text.matches("\\d{3}(-\\d{3})?")) {
                throw new IllegalArgumentException("'" + text + "' is neither a status, as 200, nor 2xx, nor 200-299");
            }
            int first = Integer.parseInt(text.substring(0, 3));
            return new StatusRange(first, text.length() == 3 ? first : Integer.parseInt(text.substring(4)));
        }

        boolean contains(int status) {
            return status >= first && status <= last;
        }
    }

    /**
     * Passive ejection: a server whose responses fail gets no requests for a while.
     *
     * @param failures so many in a row eject; zero: none is ejected
     * @param period how long
     * @param atMostPercent of the servers, from 0 to 100; the last available one is never ejected
     */
    public record Eject(int failures, Duration period, int atMostPercent) {
        public Eject {
            positive("for", period);
            if (failures < 0 || atMostPercent < 0 || atMostPercent > 100) {
                throw new IllegalArgumentException("failures is at least 0, at-most from 0% to 100%");
            }
        }
    }

    /**
     * Retries of requests with an idempotent method and without content (RFC 9110 §9.2.2) on another server.
     *
     * @param attempts how often a request is sent again; zero: it is not
     * @param connect whether a connection that fails or breaks before a response is a reason
     * @param statuses of responses that are a reason
     * @param budgetPercent how many retries there may be for a hundred requests, from 0 to 100. What is not used is saved, up
     *     to a thousand retries; at the start a hundred are saved
     */
    public record Retry(int attempts, boolean connect, List<StatusRange> statuses, int budgetPercent) {
        public Retry {
            statuses = List.copyOf(statuses);
            if (attempts < 0 || budgetPercent < 0 || budgetPercent > 100) {
                throw new IllegalArgumentException("attempts is at least 0, budget from 0% to 100%");
            }
        }

        /** Whether a response with this status is a reason. */
        public boolean isReason(int status) {
            return statuses.stream().anyMatch(range -> range.contains(status));
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
    }

    /** These servers, with the defaults. */
    public static OriginSettings of(URI... urls) {
        List<Server> servers =
                List.of(urls).stream().map(url -> new Server(url, 1, false)).toList();
        return new OriginSettings(
                servers, new Balance.RoundRobin(), null, Optional.empty(), EJECT, RETRY, Duration.ZERO);
    }

    /** The URL of the first server, which stands for the origin in keys where no site names it. */
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
