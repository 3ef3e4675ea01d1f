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
 * they have. The two files are one thing: while they do not belong together, because one of them is not written yet or is
 * another's, the pair before stays in place, and they are read again each time.
 */
final class TlsIdentity implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);

    private final Path chain;
    private final Path key;
    private final SslContextFactory.Server tls = new SslContextFactory.Server();
    /** When the files of the pair in use were written. */
    private List<FileTime> used;

    private List<FileTime> unusable = List.of();
    private boolean warned;

    /**
     * An identity, read once.
     *
     * @throws IOException in one sentence, what is wrong with which file
     */
    TlsIdentity(Path chain, Path key) throws IOException {
        this.chain = chain;
        this.key = key;
        used = Files.exists(chain) && Files.exists(key) ? times() : List.of(); // else the next line says so
        tls.setKeyStore(Pem.identity(chain, key));
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
            if (!now.equals(used)) {
                reload(now);
            }
        } catch (IOException gone) { // between two versions of a file there may be none
            LOG.debug("{} or {} is not there", chain, key);
        }
    }

    private void reload(List<FileTime> written) {
        try {
            KeyStore read = Pem.identity(chain, key);
            if (!written.equals(times())) {
                return; // written meanwhile
            }
            tls.reload(factory -> factory.setKeyStore(read));
            used = written;
            LOG.info("Certificate read anew from {}", chain);
        } catch (Exception broken) { // what reload declares
            warn(written, broken);
        }
    }

    /** Warns once of files that stay as they are: at the first look they may be between two versions. */
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
