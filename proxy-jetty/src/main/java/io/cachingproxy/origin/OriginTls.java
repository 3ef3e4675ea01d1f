package io.cachingproxy.origin;

import io.cachingproxy.net.Pem;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.KeyStore;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS settings for origins. Certificates of origins are always verified.
 *
 * @param authorities trusted CA certificates; null: the JVM's defaults
 * @param identity the certificate of the proxy and its key, for origins that verify their clients; null: none
 * @param serverName the host name in SNI and in the origin's certificate; null: the host of its URL
 */
public record OriginTls(
        @Nullable KeyStore authorities,
        @Nullable KeyStore identity,
        @Nullable String serverName) {
    /** The JVM's defaults. */
    static final OriginTls DEFAULT = new OriginTls(null, null, null);

    /** The TLS settings for the URL of a server. */
    SslContextFactory.Client client(URI server) {
        return server.getScheme().equalsIgnoreCase("http") ? new Unused() : client();
    }

    /** The TLS settings for an https server. */
    SslContextFactory.Client client() {
        SslContextFactory.Client tls = serverName == null ? new SslContextFactory.Client() : new Named(serverName);
        if (authorities != null) {
            tls.setTrustStore(authorities);
        }
        if (identity != null) {
            tls.setKeyStore(identity);
            tls.setKeyStorePassword(Pem.PASSWORD);
        }
        return tls;
    }

    /** Asks for another name than that of the URL, and verifies it. */
    private static final class Named extends SslContextFactory.Client {
        private final String name;

        Named(String name) {
            this.name = name;
        }

        @Override
        public SSLEngine newSSLEngine(InetSocketAddress address) {
            return super.newSSLEngine(name, address.getPort());
        }

        @Override
        public SSLEngine newSSLEngine(String host, int port) {
            return super.newSSLEngine(name, port);
        }
    }

    /** Jetty's client requires TLS settings even for http origins; loading them would take a tenth of the startup time. */
    private static final class Unused extends SslContextFactory.Client {
        @Override
        protected void doStart() {
            // loads nothing
        }
    }
}
