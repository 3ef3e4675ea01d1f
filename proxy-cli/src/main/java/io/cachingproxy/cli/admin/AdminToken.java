package io.cachingproxy.cli.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** The bearer token of the admin API (RFC 6750 §2.1). Never printed. */
public final class AdminToken {
    private final String authorization;

    private AdminToken(String token) {
        this.authorization = "Bearer " + token;
    }

    /**
     * Reads the token from {@code file}, which has a single line.
     *
     * @throws IllegalArgumentException if the file has no valid token; the message is one line that names the file
     */
    public static AdminToken in(Path file) {
        String token;
        try {
            token = Files.readString(file).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read");
        }
        if (!token.matches("[A-Za-z0-9._~+/-]{8,}=*")) { // RFC 6750 §2.1
            throw new IllegalArgumentException(
                    file + " holds no token: one line of at least 8 letters, digits and -._~+/");
        }
        return new AdminToken(token);
    }

    /** The value of the Authorization field. */
    public String authorization() {
        return authorization;
    }

    /** Whether {@code field} has the token. Compares in constant time. */
    boolean isShownIn(String field) {
        return MessageDigest.isEqual(
                authorization.getBytes(StandardCharsets.UTF_8), field.getBytes(StandardCharsets.UTF_8));
    }
}
