package io.cachingproxy.cli;

import io.cachingproxy.http.AddressRanges;
import io.cachingproxy.jetty.Limits;
import io.cachingproxy.jetty.OriginProtocol;
import io.cachingproxy.jetty.OriginTimeouts;
import io.cachingproxy.policy.Policy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * All that one instance is started with, valid as a whole.
 *
 * @param admin the admin listener; empty: none
 */
record Settings(
        URI origin,
        String host,
        Port port,
        Optional<Admin> admin,
        Policy policy,
        Storage storage,
        Connections connections) {

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
