package io.cachingproxy.jetty.front;

import io.cachingproxy.net.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate and key of the listener, reloaded when the files change. Open connections keep their certificate. The
 * two files are a pair: while they do not match, for example because only one is written yet, the previous pair stays
 * in use, and the files are read again at each check.
 */
public final class TlsIdentity implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);

    private final Path chain;
    private final Path key;
    private final SslContextFactory.Server tls = new SslContextFactory.Server();
    /** The modification times of the pair in use. */
    private List<FileTime> used;

    private List<FileTime> unusable = List.of();
    private boolean warned;
    private volatile Instant expiry;

    /**
     * Loads the pair once.
     *
     * @throws IOException if a file is missing or invalid; the message is one sentence that names the file
     */
    public TlsIdentity(Path chain, Path key) throws IOException {
        this.chain = chain;
        this.key = key;
        used = Files.exists(chain) && Files.exists(key) ? times() : List.of(); // otherwise the next line throws
        KeyStore store = Pem.identity(chain, key);
        expiry = expiry(store);
        tls.setKeyStore(store);
        tls.setKeyStorePassword(Pem.PASSWORD);
        tls.setSniRequired(false);
    }

    /** When the certificate in use expires. */
    public Instant expiry() {
        return expiry;
    }

    private static Instant expiry(KeyStore store) throws IOException {
        try {
            for (String alias : Collections.list(store.aliases())) {
                if (store.getCertificate(alias) instanceof X509Certificate certificate) {
                    return certificate.getNotAfter().toInstant();
                }
            }
        } catch (KeyStoreException unloaded) {
            throw new IOException(unloaded);
        }
        return Instant.MAX;
    }

    public SslContextFactory.Server tls() {
        return tls;
    }

    /** Reloads the pair if the files have changed. */
    @Override
    public void run() {
        try {
            List<FileTime> now = times();
            if (!now.equals(used)) {
                reload(now);
            }
        } catch (IOException gone) { // a file can be missing while it is replaced
            LOG.debug("{} or {} is not there", chain, key);
        }
    }

    private void reload(List<FileTime> written) {
        try {
            KeyStore read = Pem.identity(chain, key);
            if (!written.equals(times())) {
                return; // a file has changed meanwhile
            }
            tls.reload(factory -> factory.setKeyStore(read));
            used = written;
            expiry = expiry(read);
            LOG.info("Certificate read anew from {}", chain);
        } catch (Exception broken) { // declared by reload
            warn(written, broken);
        }
    }

    /**
     * Warns once of files that are unchanged since the previous check: at the first check a replacement may be in
     * progress.
     */
    private void warn(List<FileTime> written, Exception broken) {
        if (!written.equals(unusable)) {
            unusable = written;
            warned = false;
        } else if (!warned) {
            warned = true;
            LOG.warn("The certificate stays as it was: {}", broken.getMessage());
        }
    }

    private List<FileTime> times() throws IOException {
        return List.of(Files.getLastModifiedTime(chain), Files.getLastModifiedTime(key));
    }
}
