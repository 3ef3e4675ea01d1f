package io.cachingproxy.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads PEM files into key stores. Error messages are one sentence that names the file. */
public final class Pem {
    /** Key stores need a password; this one never leaves the process. */
    public static final String PASSWORD = "pem";

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private Pem() {}

    /** The files of a certificate, followed by its intermediate certificates, and of its key (PKCS #8). */
    public record Pair(Path chain, Path key) {}

    /** A key store with a certificate, its intermediate certificates and its key. */
    public static KeyStore identity(Path chain, Path key) throws IOException {
        return identities(List.of(new Pair(chain, key)));
    }

    /** A key store with several certificates, whose aliases are in the order of {@code pairs}. */
    public static KeyStore identities(List<Pair> pairs) throws IOException {
        try {
            KeyStore store = empty();
            for (Pair pair : pairs) {
                add(pair, String.format("tls%05d", store.size()), store);
            }
            return store;
        } catch (GeneralSecurityException impossible) {
            throw new IOException(impossible);
        }
    }

    private static void add(Pair pair, String alias, KeyStore store) throws IOException {
        try {
            Certificate[] certificates = certificates(pair.chain()).toArray(Certificate[]::new);
            PrivateKey privateKey = key(pair.key());
            if (!isPair(privateKey, certificates[0].getPublicKey())) {
                throw new IOException(pair.key() + " is not the key of the certificate in " + pair.chain());
            }
            store.setKeyEntry(alias, privateKey, PASSWORD.toCharArray(), certificates);
        } catch (GeneralSecurityException wrong) {
            throw new IOException(
                    pair.chain() + " and " + pair.key() + " do not belong together: " + wrong.getMessage(), wrong);
        }
    }

    /** Whether the private key belongs to the certificate: the public key verifies its signature. */
    private static boolean isPair(PrivateKey key, PublicKey certified) throws GeneralSecurityException {
        if (!key.getAlgorithm().startsWith(certified.getAlgorithm())) {
            return false;
        }
        Signature signature = Signature.getInstance(
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                });
        byte[] text = {1};
        signature.initSign(key);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(text);
        try {
            return signature.verify(signed);
        } catch (SignatureException another) { // a key of another length
            return false;
        }
    }

    /** A trust store with only these certificates. */
    public static KeyStore trust(Path authorities) throws IOException {
        try {
            KeyStore store = empty();
            int number = 0;
            for (Certificate certificate : certificates(authorities)) {
                store.setCertificateEntry("ca" + number++, certificate);
            }
            return store;
        } catch (GeneralSecurityException wrong) {
            throw new IOException(authorities + " cannot be trusted: " + wrong.getMessage(), wrong);
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file) throws IOException {
        byte[] bytes = SmallFile.read(file);
        try {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes));
            if (!certificates.isEmpty()) {
                return certificates;
            }
        } catch (GeneralSecurityException wrong) {
            throw new IOException(file + " holds no PEM certificate", wrong);
        }
        throw new IOException(file + " holds no PEM certificate");
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        Matcher key = KEY.matcher(new String(SmallFile.read(file), StandardCharsets.ISO_8859_1));
        if (key.find()) {
            byte[] encoded = Base64.getMimeDecoder().decode(key.group(1));
            for (String algorithm : ALGORITHMS) {
                PrivateKey read = key(algorithm, encoded);
                if (read != null) {
                    return read;
                }
            }
        }
        throw new IOException(file + " holds no unencrypted PKCS #8 key: openssl pkcs8 -topk8 -nocrypt makes one");
    }

    private static @Nullable PrivateKey key(String algorithm, byte[] encoded) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (InvalidKeySpecException another) {
            return null;
        }
    }
}
