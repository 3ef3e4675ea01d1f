package io.cachingproxy.cli;

import io.cachingproxy.cli.admin.AdminToken;
import io.cachingproxy.cli.config.ByteSize;
import io.cachingproxy.cli.requests.AccessLog;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.ListenerSettings;
import io.cachingproxy.jetty.debug.DebugTokens;
import io.cachingproxy.origin.ConfiguredOrigin;
import io.cachingproxy.origin.OriginProtocol;
import io.cachingproxy.origin.OriginTimeouts;
import io.cachingproxy.origin.balance.OriginSettings;
import io.cachingproxy.policy.Policy;
import io.cachingproxy.rules.Sites;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The complete, consistent settings of one instance.
 *
 * @param listeners the listeners for clients, at least one
 * @param admin the admin listener; empty if it is off
 */
record Settings(
        Routes routes,
        List<ListenerSettings> listeners,
        Optional<Admin> admin,
        Logged logged,
        Policy policy,
        Storage storage,
        Connections connections) {

    /** The address of the first listener. */
    String host() {
        return listeners.get(0).host();
    }

    /** The port of the first listener. */
    Port port() {
        return new Port(listeners.get(0).port());
    }

    /**
     * The routing of requests to origins.
     *
     * @param origin the unnamed origin, for sites that name none; empty if all sites name an origin
     * @param origins the named origins
     * @param used the names of origins that sites and rules use
     */
    record Routes(
            Optional<ConfiguredOrigin> origin, Map<String, ConfiguredOrigin> origins, Sites sites, Set<String> used) {
        /** Whether a site uses the unnamed origin. */
        boolean usesUnnamed() {
            return sites.list().stream().anyMatch(site -> site.origin() == null);
        }

        /** The URL of the unnamed origin in cache keys. */
        Optional<URI> url() {
            return origin.map(it -> it.settings().url());
        }

        /** The named origins that sites and rules use. */
        Map<String, ConfiguredOrigin> named() {
            return origins.entrySet().stream()
                    .filter(it -> used.contains(it.getKey()))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }

        /** The URLs of the servers of all origins. */
        List<URI> urls() {
            return Stream.concat(origin.stream(), origins.values().stream())
                    .flatMap(it -> it.settings().urls().stream())
                    .distinct()
                    .toList();
        }

        /** The text for the start line. */
        @Override
        public String toString() {
            if (sites.isEverything()) {
                return origin.map(it -> text(it.settings())).orElse("no origin");
            }
            return Summary.counted(sites.list().size(), "site") + " on "
                    + Summary.counted(origins.size() + (origin.isPresent() ? 1 : 0), "origin");
        }

        private static String text(OriginSettings origin) {
            int others = origin.servers().size() - 1;
            return origin.url() + (others == 0 ? "" : " and " + Summary.counted(others, "other server"));
        }
    }

    /**
     * The stores for responses.
     *
     * @param memory the size of the store in memory, which is the near cache if there is a Redis
     * @param maxObject the maximum size of a stored body
     */
    record Storage(ByteSize memory, ByteSize maxObject, Optional<Redis> redis) {}

    /**
     * The shared store of several instances.
     *
     * @param prefix the prefix of all Redis keys
     * @param deadline how long a request waits for Redis
     * @param leases whether requests are coalesced across instances
     */
    record Redis(RedisAddress address, String prefix, Duration deadline, boolean leases) {}

    /**
     * The admin listener.
     *
     * @param token the token of all requests; required unless the host is loopback
     * @param readToken a token for reading only
     * @param tls the certificate; empty: no TLS
     */
    record Admin(
            String host,
            Port port,
            Optional<AdminToken> token,
            Optional<AdminToken> readToken,
            Optional<ListenerSettings.Certificate> tls) {}

    /**
     * What is logged and shown of requests.
     *
     * @param accessLog empty: no access log
     * @param redact names of query parameters whose values are not shown
     */
    record Logged(Optional<AccessLog.Settings> accessLog, List<String> redact) {}

    /**
     * Connections of clients and origins.
     *
     * @param drain how long the proxy continues to accept requests after SIGTERM
     * @param waiters maximum number of requests that are coalesced onto one fetch
     */
    record Connections(Duration drain, Peers peers, ToOrigins toOrigins, Limits limits, int waiters) {}

    /**
     * What peers of the listener may send.
     *
     * @param trusted addresses of trusted proxies, whose proxy fields are forwarded; empty: none
     * @param passUnderscores whether request fields with {@code _} or {@code .} in their names are forwarded
     * @param purgeFrom client addresses whose PURGE requests are accepted
     * @param debug the tokens with which requests get the field Cache-Debug; empty: none
     */
    record Peers(
            Optional<AddressRanges> trusted,
            boolean passUnderscores,
            AddressRanges purgeFrom,
            Optional<DebugTokens> debug) {}

    /**
     * Connections to origins.
     *
     * @param authorities CA certificates trusted for https origins; empty: the JVM's defaults
     */
    record ToOrigins(OriginProtocol protocol, Optional<Path> authorities, OriginTimeouts timeouts) {}
}
