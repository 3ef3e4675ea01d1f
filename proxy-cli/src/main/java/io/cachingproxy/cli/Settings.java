package io.cachingproxy.cli;

import io.cachingproxy.cli.config.ByteSize;
import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.Limits;
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
 * All that one instance is started with, valid as a whole.
 *
 * @param admin the admin listener; empty: none
 */
record Settings(
        Routes routes,
        String host,
        Port port,
        Optional<Admin> admin,
        Policy policy,
        Storage storage,
        Connections connections) {

    /**
     * Which requests go where.
     *
     * @param origin of sites that name none; empty: all do
     * @param origins by their names
     * @param used the names that sites and rules have for them
     */
    record Routes(Optional<OriginSettings> origin, Map<String, OriginSettings> origins, Sites sites, Set<String> used) {
        /** Whether a site names no origin. */
        boolean usesUnnamed() {
            return sites.list().stream().anyMatch(site -> site.origin() == null);
        }

        /** The URL that stands in keys for the origin without a name. */
        Optional<URI> url() {
            return origin.map(OriginSettings::url);
        }

        /** The origins that sites and rules name. */
        Map<String, OriginSettings> named() {
            return origins.entrySet().stream()
                    .filter(it -> used.contains(it.getKey()))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }

        /** The URLs of all servers. */
        List<URI> urls() {
            return Stream.concat(origin.stream(), origins.values().stream())
                    .flatMap(it -> it.urls().stream())
                    .distinct()
                    .toList();
        }

        /** As the start line has it. */
        @Override
        public String toString() {
            if (sites.isEverything()) {
                return origin.map(Routes::text).orElse("no origin");
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
     * Where responses are kept.
     *
     * @param memory what the store in memory takes, which with Redis is the near cache
     * @param maxObject the longest body that is stored
     */
    record Storage(ByteSize memory, ByteSize maxObject, Optional<Redis> redis) {}

    /**
     * The store that several instances share.
     *
     * @param prefix what all keys begin with
     * @param deadline how long a request waits for it
     * @param leases whether the instances settle which of them asks the origin
     */
    record Redis(RedisAddress address, String prefix, Duration deadline, boolean leases) {}

    /**
     * The admin listener.
     *
     * @param token what clearing and purging need; there is one unless the host is loopback
     */
    record Admin(String host, Port port, Optional<AdminToken> token) {}

    /**
     * How clients and the origin are talked to.
     *
     * @param tls empty: in the clear
     * @param originAuthorities who vouches for an https origin; empty: whom Java trusts
     * @param drain how long to go on accepting after SIGTERM
     * @param trustedPeers whose words about others are passed on; empty: nobody's
     * @param proxyProtocol whether trusted peers speak the PROXY protocol
     * @param passUnderscores whether request fields with {@code _} or {@code .} in their names are forwarded
     * @param purgeFrom which clients may purge
     * @param waiters how many requests wait for one
     */
    record Connections(
            Optional<Tls> tls,
            Optional<Path> originAuthorities,
            OriginProtocol originProtocol,
            Duration drain,
            Optional<AddressRanges> trustedPeers,
            boolean proxyProtocol,
            boolean passUnderscores,
            AddressRanges purgeFrom,
            Limits limits,
            int waiters,
            OriginTimeouts timeouts) {}

    /** Files with a certificate chain and its key. */
    record Tls(Path chain, Path key) {}
}
