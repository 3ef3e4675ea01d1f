package io.cachingproxy.cli;

import io.cachingproxy.jetty.AddressRanges;
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
     * @param purgeFrom which clients may purge
     */
    record Connections(Optional<Tls> tls, Optional<Path> originAuthorities, Duration drain, AddressRanges purgeFrom) {}

    /** Files with a certificate chain and its key. */
    record Tls(Path chain, Path key) {}
}
