package io.cachingproxy.jetty.debug;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signed tokens that expire: the time of expiry in seconds since 1970, a dot, and the HMAC-SHA256 of a purpose and that
 * time in base64url. Thread-safe.
 */
public final class DebugTokens {
    /** The shortest secret, in bytes. */
    public static final int SHORTEST_SECRET = 16;

    private static final String ALGORITHM = "HmacSHA256";

    /** Signed with the time, so that a signature for another purpose by the same secret is no token. */
    private static final String PURPOSE = "caching-proxy Cache-Debug ";

    private static final Pattern TOKEN = Pattern.compile("(0|[1-9][0-9]{0,11})\\.([A-Za-z0-9_-]{43})");

    private final SecretKeySpec key;

    /**
     * The tokens of one secret.
     *
     * @throws IllegalArgumentException if the secret is shorter than {@link #SHORTEST_SECRET}
     */
    public DebugTokens(byte[] secret) {
        if (secret.length < SHORTEST_SECRET) {
            throw new IllegalArgumentException("the secret is shorter than " + SHORTEST_SECRET + " bytes");
        }
        key = new SecretKeySpec(secret, ALGORITHM);
    }

    /** The token that is valid before {@code expiry}, which is rounded down to seconds. */
    public String token(Instant expiry) {
        String seconds = Long.toString(expiry.getEpochSecond());
        return seconds + '.' + signature(seconds);
    }

    /** Whether {@code token} is a token of this secret that has not expired. Compares in constant time. */
    public boolean accepts(String token, Instant now) {
        Matcher parts = TOKEN.matcher(token);
        if (!parts.matches()) {
            return false;
        }
        String seconds = parts.group(1);
        boolean signed = MessageDigest.isEqual(
                signature(seconds).getBytes(StandardCharsets.US_ASCII),
                parts.group(2).getBytes(StandardCharsets.US_ASCII));
        return signed && now.getEpochSecond() < Long.parseLong(seconds);
    }

    private String signature(String seconds) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            byte[] signature = mac.doFinal((PURPOSE + seconds).getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException(missing); // every JDK has HmacSHA256
        }
    }
}
