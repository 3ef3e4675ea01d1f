package io.cachingproxy.origin;

import java.net.URI;
import java.security.KeyStore;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** TLS settings for origins. Certificates are always verified, against the given CA certificates or the JVM's defaults. */
final class OriginTls {
    private OriginTls() {}

    /**
     * The TLS settings for this origin.
     *
     * @param authorities trusted CA certificates; null: the JVM's defaults
     */
    static SslContextFactory.Client of(URI origin, @Nullable KeyStore authorities) {
        if (origin.getScheme().equalsIgnoreCase("http")) {
            return new Unused();
        }
        SslContextFactory.Client tls = new SslContextFactory.Client();
        if (authorities != null) {
            tls.setTrustStore(authorities);
        }
        return tls;
    }

    /** Jetty's client requires TLS settings even for http origins; loading them would take a tenth of the startup time. */
    private static final class Unused extends SslContextFactory.Client {
        @Override
        protected void doStart() {
            // loads nothing
        }
    }
}
