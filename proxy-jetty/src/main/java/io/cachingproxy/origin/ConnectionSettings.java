package io.cachingproxy.origin;

import io.cachingproxy.net.Pem;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The connections to the servers of one origin, as far as they differ from the settings of the proxy for all origins.
 * Immutable.
 *
 * @param timeouts the timeouts that differ
 * @param protocol the HTTP version; empty: that of the proxy
 * @param tls the TLS settings; empty: those of the proxy
 * @param maxLifetime age at which a connection is closed, as soon as it is idle; empty: none
 */
public record ConnectionSettings(
        Timeouts timeouts, Optional<OriginProtocol> protocol, Optional<Tls> tls, Optional<Duration> maxLifetime) {
    /** The settings of the proxy for all origins. */
    public static final ConnectionSettings DEFAULT =
            new ConnectionSettings(Timeouts.NONE, Optional.empty(), Optional.empty());

    public ConnectionSettings {
        if (maxLifetime.isPresent()
                && (maxLifetime.get().isZero() || maxLifetime.get().isNegative())) {
            throw new IllegalArgumentException("max-lifetime is not longer than zero");
        }
    }

    /** Connections without a maximum lifetime. */
    public ConnectionSettings(Timeouts timeouts, Optional<OriginProtocol> protocol, Optional<Tls> tls) {
        this(timeouts, protocol, tls, Optional.empty());
    }

    /** These settings with a maximum lifetime of connections. */
    public ConnectionSettings maxLifetime(Duration value) {
        return new ConnectionSettings(timeouts, protocol, tls, Optional.of(value));
    }

    /** All timeouts: those that differ, and of the others those of the proxy. */
    public OriginTimeouts timeouts(OriginTimeouts all) {
        return timeouts.over(all);
    }

    /** {@link OriginTimeouts}, each of which may be absent. */
    public record Timeouts(
            Optional<Duration> connect,
            Optional<Duration> firstByte,
            Optional<Duration> idle,
            Optional<Duration> total) {
        /** No timeouts that differ. */
        public static final Timeouts NONE =
                new Timeouts(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

        OriginTimeouts over(OriginTimeouts all) {
            return new OriginTimeouts(
                    connect.orElse(all.connect()),
                    firstByte.orElse(all.firstByte()),
                    idle.orElse(all.idle()),
                    total.orElse(all.total()));
        }
    }

    /**
     * TLS settings of an https origin.
     *
     * @param authorities PEM file with the trusted CA certificates; empty: those of the proxy
     * @param identity the certificate of the proxy for origins that verify their clients; empty: none
     * @param serverName the host name in SNI (RFC 6066 §3) and in the certificate of the servers; empty: the host of their
     *     URL
     */
    public record Tls(Optional<Path> authorities, Optional<Identity> identity, Optional<String> serverName) {
        /**
         * Reads the files.
         *
         * @param all the CA certificates of the proxy for all origins; null: the JVM's defaults
         * @throws IOException if a file is missing or invalid; the message is one sentence that names the file
         */
        public OriginTls read(@Nullable KeyStore all) throws IOException {
            KeyStore trusted = authorities.isPresent() ? Pem.trust(authorities.get()) : all;
            KeyStore own = identity.isPresent()
                    ? Pem.identity(identity.get().chain(), identity.get().key())
                    : null;
            return new OriginTls(trusted, own, serverName.orElse(null));
        }
    }

    /** PEM files with a certificate chain and its key. */
    public record Identity(Path chain, Path key) {}
}
