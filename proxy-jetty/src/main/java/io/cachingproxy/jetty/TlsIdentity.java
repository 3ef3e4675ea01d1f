package io.cachingproxy.jetty;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.util.List;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate and key that the listener shows, read again when the files change. Connections that stand keep what
 * they have; a pair that cannot be used leaves the one before in place.
 */
final class TlsIdentity implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);

    private final Path chain;
    private final Path key;
    private final SslContextFactory.Server tls = new SslContextFactory.Server();
    private List<FileTime> seen;

    /**
     * An identity, read once.
     *
     * @throws IOException in one sentence, what is wrong with which file
     */
    TlsIdentity(Path chain, Path key) throws IOException {
        this.chain = chain;
        this.key = key;
        KeyStore read = Pem.identity(chain, key);
        seen = times();
        tls.setKeyStore(read);
        tls.setKeyStorePassword(Pem.PASSWORD);
        tls.setSniRequired(false);
    }

    SslContextFactory.Server tls() {
        return tls;
    }

    /** Looks whether the files changed. */
    @Override
    public void run() {
        try {
            List<FileTime> now = times();
            if (!now.equals(seen)) {
                seen = now;
                reload();
            }
        } catch (IOException gone) { // between two versions of a file there may be none
            LOG.debug("{} or {} is not there", chain, key);
        }
    }

    private void reload() {
        try {
            KeyStore read = Pem.identity(chain, key);
            tls.reload(factory -> factory.setKeyStore(read));
            LOG.info("Certificate read anew from {}", chain);
        } catch (Exception broken) { // what reload declares
            LOG.warn("The certificate stays as it was: {}", broken.getMessage());
        }
    }

    private List<FileTime> times() throws IOException {
        return List.of(Files.getLastModifiedTime(chain), Files.getLastModifiedTime(key));
    }
}
