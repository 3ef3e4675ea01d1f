package io.cachingproxy.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate that is signed by itself, in files.
 *
 * @param store PKCS #12 with certificate and key, under {@link #PASSWORD}
 * @param chain PEM
 * @param key PEM, PKCS #8
 */
public record Certificate(Path store, Path chain, Path key) {
    public static final String PASSWORD = "secret";

    /** A new one for these names, such as {@code dns:localhost,ip:127.0.0.1}. */
    public static Certificate in(Path folder, String names) throws IOException, GeneralSecurityException {
        Path store = folder.resolve("store.p12");
        keytool(store, names);
        KeyStore entries = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            entries.load(in, PASSWORD.toCharArray());
        }
        byte[] secret = entries.getKey("tls", PASSWORD.toCharArray()).getEncoded();
        return new Certificate(
                store,
                pem(
                        folder.resolve("tls.crt"),
                        "CERTIFICATE",
                        entries.getCertificate("tls").getEncoded()),
                pem(folder.resolve("tls.key"), "PRIVATE KEY", secret));
    }

    private static void keytool(Path store, String names) throws IOException {
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options = " -genkeypair -alias tls -keyalg EC -dname CN=test -validity 2 -storetype PKCS12";
        String files = " -storepass " + PASSWORD + " -ext san=" + names + " -keystore " + store;
        Process process = new ProcessBuilder((tool + options + files).split(" "))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new IOException("keytool failed");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static Path pem(Path file, String what, byte[] encoded) throws IOException {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(encoded);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n");
    }
}
