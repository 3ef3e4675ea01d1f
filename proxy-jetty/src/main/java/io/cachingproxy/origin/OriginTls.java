package io.cachingproxy.origin;

import java.net.URI;
import java.security.KeyStore;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;

/** TLS to the origin: always verified, against the platform's authorities or the given ones. */
final class OriginTls {
    private OriginTls() {}

    /**
     * The TLS settings for this origin.
     *
     * @param authorities to verify it against; null for the platform's
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

    /** Jetty's client wants TLS settings also where there is no TLS; loading them would take a tenth of the start. */
    private static final class Unused extends SslContextFactory.Client {
        @Override
        protected void doStart() {
            // nothing is loaded, so nothing can be used
        }
    }
}
