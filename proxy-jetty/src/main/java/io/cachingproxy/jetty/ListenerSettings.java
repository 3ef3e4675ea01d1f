package io.cachingproxy.jetty;

import io.cachingproxy.jetty.front.CertificateFiles;
import io.cachingproxy.net.Pem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A listener for clients: an address, and how it is used. Immutable.
 *
 * @param host the address
 * @param port the port; 0: any free port
 * @param tls the certificates; empty: cleartext
 * @param proxyProtocol whether connections of trusted peers begin with the PROXY protocol
 * @param redirectToHttps the port of https to which all requests are redirected; empty: requests are served
 */
public record ListenerSettings(
        String host, int port, Optional<Tls> tls, boolean proxyProtocol, OptionalInt redirectToHttps) {
    /** A listener in cleartext. */
    public static ListenerSettings of(String host, int port) {
        return new ListenerSettings(host, port, Optional.empty(), false, OptionalInt.empty());
    }

    /**
     * Certificates, selected by the name in SNI (RFC 6066 §3); for other names the first one. The files are read again when
     * they change.
     *
     * @param certificates the certificates and their keys
     * @param folder a folder with more: {@code NAME.crt} or {@code NAME.pem}, and {@code NAME.key}, in alphabetical order;
     *     null: none
     */
    public record Tls(
            List<Certificate> certificates, @Nullable Path folder) {
        public Tls {
            certificates = List.copyOf(certificates);
        }

        /**
         * Reads the files, to verify them.
         *
         * @throws IOException if a file is missing or invalid; the message is one sentence that names the file
         */
        public void verify() throws IOException {
            Pem.identities(files().pairs());
        }

        CertificateFiles files() {
            return new CertificateFiles(
                    certificates.stream()
                            .map(it -> new Pem.Pair(it.chain(), it.key()))
                            .toList(),
                    folder);
        }
    }

    /**
     * PEM files with a certificate and its key.
     *
     * @param chain the certificate, followed by its intermediate certificates
     * @param key the private key: PKCS #8, not encrypted
     */
    public record Certificate(Path chain, Path key) {}
}
