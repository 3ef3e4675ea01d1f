package io.cachingproxy.cli.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The bearer token of the admin API (RFC 6750 §2.1). Never printed. */
public final class AdminToken {
    private final String token;

    private AdminToken(String token) {
        this.token = token;
    }

    /**
     * A token in a request.
     *
     * @param automatic whether a browser may have added it by itself, also to a request that another web page makes
     */
    record Shown(String token, boolean automatic) {
        /**
         * The token in the value of an Authorization field: a bearer token, or the password of Basic authentication (RFC
         * 7617) with any user name; null if there is none.
         */
        static @Nullable Shown in(String authorization) {
            if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) { // RFC 9110 §11.1
                return new Shown(authorization.substring(7), false);
            }
            if (!authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
                return null;
            }
            try {
                String pair = new String(
                        Base64.getDecoder().decode(authorization.substring(6).strip()), StandardCharsets.UTF_8);
                int colon = pair.indexOf(':');
                return colon < 0 ? null : new Shown(pair.substring(colon + 1), true);
            } catch (IllegalArgumentException malformed) {
                return null;
            }
        }

        /** Without the token. */
        @Override
        public String toString() {
            return "a token";
        }
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
        return "Bearer " + token;
    }

    /** Whether the token is this one. Compares in constant time. */
    boolean is(Shown shown) {
        return MessageDigest.isEqual(
                token.getBytes(StandardCharsets.UTF_8), shown.token().getBytes(StandardCharsets.UTF_8));
    }
}
