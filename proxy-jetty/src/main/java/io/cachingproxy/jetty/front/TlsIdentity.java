package io.cachingproxy.jetty.front;

import io.cachingproxy.net.Pem;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.ssl.X509;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificates and keys of a listener, reloaded when the files change. Open connections keep their certificate. The
 * files of a certificate and its key are a pair: while they do not match, for example because only one is written yet, the
 * previous certificates stay in use, and the files are read again at each check.
 */
public final class TlsIdentity implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);

    private final CertificateFiles files;
    private final SslContextFactory.Server tls = new SslContextFactory.Server();

    /** The modification times of the files in use. */
    private Map<Path, FileTime> used = Map.of();

    private Map<Path, FileTime> unusable = Map.of();
    private boolean warned;
    private volatile Instant expiry;

    /**
     * Loads the certificates once.
     *
     * @throws IOException if a file is missing or invalid; the message is one sentence that names the file
     */
    public TlsIdentity(CertificateFiles files) throws IOException {
        this.files = files;
        List<Pem.Pair> pairs = files.pairs();
        KeyStore store = Pem.identities(pairs);
        expiry = expiry(store);
        tls.setKeyStore(store);
        tls.setKeyStorePassword(Pem.PASSWORD);
        tls.setSniRequired(false);
        tls.setSNISelector((type, issuers, session, name, candidates) -> select(name, candidates));
        used = CertificateFiles.times(pairs);
    }

    /** When the first of the certificates in use expires. */
    public Instant expiry() {
        return expiry;
    }

    private static Instant expiry(KeyStore store) throws IOException {
        Instant first = Instant.MAX;
        try {
            for (String alias : Collections.list(store.aliases())) {
                if (store.getCertificate(alias) instanceof X509Certificate certificate
                        && certificate.getNotAfter().toInstant().isBefore(first)) {
                    first = certificate.getNotAfter().toInstant();
                }
            }
        } catch (KeyStoreException unloaded) {
            throw new IOException(unloaded);
        }
        return first;
    }

    public SslContextFactory.Server tls() {
        return tls;
    }

    /**
     * The alias of the certificate for a name: the first one that has the name, else the first of all, or one for the
     * same site with a key of another algorithm.
     *
     * @param name the name in SNI; null without SNI
     * @param candidates the certificates with a key of the algorithm that is tried
     * @return null if the certificate has a key of another algorithm, which is tried later
     */
    private @Nullable String select(@Nullable String name, Collection<X509> candidates) {
        List<X509> all = tls.getAliases().stream().map(tls::getX509).toList();
        X509 named = name == null ? null : first(all, it -> covers(it, name));
        X509 first = named == null ? first(all, any -> true) : named;
        if (first == null) {
            return null;
        }
        X509 chosen = first(candidates, it -> name != null && named != null ? covers(it, name) : isSameSite(it, first));
        return chosen == null ? null : chosen.getAlias();
    }

    private static @Nullable X509 first(Collection<X509> certificates, Predicate<X509> that) {
        return certificates.stream()
                .filter(that)
                .min(Comparator.comparing(X509::getAlias))
                .orElse(null);
    }

    private static boolean isSameSite(X509 one, X509 other) {
        return one.getAlias().equals(other.getAlias())
                || !Collections.disjoint(one.getHosts(), other.getHosts())
                || !Collections.disjoint(one.getWilds(), other.getWilds());
    }

    /** Whether a certificate is for the name. A wildcard is exactly one label (RFC 6125 §6.4.3), unlike in Jetty. */
    private static boolean covers(X509 certificate, String name) {
        String host = name.toLowerCase(Locale.ROOT);
        int dot = host.indexOf('.');
        return certificate.getHosts().contains(host)
                || (dot > 0 && certificate.getWilds().contains(host.substring(dot + 1)));
    }

    /** Reloads the certificates if the files have changed. */
    @Override
    public void run() {
        try {
            List<Pem.Pair> pairs = files.pairs();
            Map<Path, FileTime> now = CertificateFiles.times(pairs);
            if (!now.equals(used)) {
                reload(pairs, now);
            }
        } catch (IOException gone) { // a file can be missing while it is replaced
            LOG.debug("A certificate is not there: {}", gone.getMessage());
        }
    }

    private void reload(List<Pem.Pair> pairs, Map<Path, FileTime> written) {
        try {
            KeyStore read = Pem.identities(pairs);
            if (!written.equals(CertificateFiles.times(pairs))) {
                return; // a file has changed meanwhile
            }
            tls.reload(factory -> factory.setKeyStore(read));
            used = written;
            expiry = expiry(read);
            LOG.info("Certificate read anew from {}", files);
        } catch (Exception broken) { // declared by reload
            warn(written, broken);
        }
    }

    /**
     * Warns once of files that are unchanged since the previous check: at the first check a replacement may be in
     * progress.
     */
    private void warn(Map<Path, FileTime> written, Exception broken) {
        if (!written.equals(unusable)) {
            unusable = written;
            warned = false;
        } else if (!warned) {
            warned = true;
            LOG.warn("The certificate stays as it was: {}", broken.getMessage());
        }
    }
}
