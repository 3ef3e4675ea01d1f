package io.cachingproxy.cli.preview;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The SHA-256 and the length of a body that arrives in pieces. Not thread-safe. */
final class BodyDigest {
    private final MessageDigest sha;
    private long length;

    BodyDigest() {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has SHA-256
            throw new IllegalStateException(impossible);
        }
    }

    void add(ByteBuffer bytes) {
        length += bytes.remaining();
        sha.update(bytes);
    }

    /** Bytes so far. */
    long length() {
        return length;
    }

    /** The digest in text form; call it once. */
    String text() {
        return Base64.getEncoder().withoutPadding().encodeToString(sha.digest());
    }
}
