package io.cachingproxy.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for localhost, signed by itself, as PEM files and for clients and servers of the JDK. */
public final class Certificates {
    private static final char[] PASSWORD = "secret".toCharArray();

    /** Certificates by their arguments and number, because the tool that generates them takes a second. */
    private static final Map<List<Object>, KeyStore> STORES = new ConcurrentHashMap<>();

    private static final Map<Path, Integer> NUMBERS = new ConcurrentHashMap<>();

    private final KeyStore store;
    private final Path chain;
    private final Path key;

    private Certificates(KeyStore store, Path chain, Path key) {
        this.store = store;
        this.chain = chain;
        this.key = key;
    }

    /** One in files of that name in {@code folder}; another one than those made before in that folder. */
    public static Certificates in(Path folder, String name, String algorithm) throws Exception {
        return in(folder, name, algorithm, "dns:localhost,ip:127.0.0.1");
    }

    /** The same for other hosts: {@code dns:NAME}, {@code ip:ADDRESS}, separated by commas. */
    public static Certificates in(Path folder, String name, String algorithm, String hosts) throws Exception {
        int number = NUMBERS.merge(folder, 1, Integer::sum);
        KeyStore store = STORES.computeIfAbsent(
                List.of(name, algorithm, hosts, number), id -> generated(name, algorithm, hosts));
        Path chain = folder.resolve(name + ".crt");
        Path key = folder.resolve(name + ".key");
        write(key, "PRIVATE KEY", store.getKey("tls", PASSWORD).getEncoded());
        write(chain, "CERTIFICATE", store.getCertificate("tls").getEncoded());
        return new Certificates(store, chain, key);
    }

    private static KeyStore generated(String name, String algorithm, String hosts) {
        try {
            Path folder = Files.createTempDirectory("certificates");
            Path file = folder.resolve("tls.p12");
            try {
                Process keytool = new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "tls",
                                "-keyalg",
                                algorithm,
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=" + hosts,
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                new String(PASSWORD),
                                "-keystore",
                                file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (keytool.waitFor() != 0) {
                    throw new IOException("keytool failed");
                }
                KeyStore store = KeyStore.getInstance("PKCS12");
                try (InputStream in = Files.newInputStream(file)) {
                    store.load(in, PASSWORD);
                }
                return store;
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException | GeneralSecurityException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static void write(Path file, String what, byte[] encoded) throws IOException {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(encoded);
        Files.writeString(file, "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n");
    }

    public Certificate certificate() throws GeneralSecurityException {
        return store.getCertificate("tls");
    }

    public Path chain() {
        return chain;
    }

    public Path key() {
        return key;
    }

    /** For clients that trust this certificate only, and for servers that show it. */
    public SSLContext context() throws GeneralSecurityException {
        return contextTrusting(this);
    }

    /** The same for those that trust {@code other} only. */
    public SSLContext contextTrusting(Certificates other) throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try {
            trusted.load(null, null);
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        trusted.setCertificateEntry("ca", other.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
