package io.cachingproxy.key;

import io.cachingproxy.http.RequestHead;
import io.cachingproxy.http.Target;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The primary cache key: method, scheme, host, port, path and query, exactly as the client sent them or as rules change
 * them (RFC 9111 §2); for QUERY also a digest of its content and type (RFC 10008). HEAD requests use the key of GET.
 * Distinct requests have distinct keys, even requests that no connection can transmit: an unpaired surrogate keeps its
 * own bytes in the hash. Such a key cannot be encoded for other nodes, so a store in Redis finds nothing under it.
 *
 * @param target scheme, host, path and query; the scheme is empty where rules leave it out of the key, and in place of the host
 *     is an @ and the name of the origin then, or nothing for an origin without a name
 * @param contentDigest of the content of a QUERY, else null
 * @param parts header and cookie values that rules add to the key, as one unambiguous text; null without any
 */
public record CacheKey(
        String method,
        Target target,
        @Nullable String contentDigest,
        @Nullable String parts) {
    public CacheKey(String method, Target target, @Nullable String contentDigest) {
        this(method, target, contentDigest, null);
    }

    public CacheKey(String method, Target target) {
        this(method, target, null, null);
    }

    /** The key of the response to this request, if no rule changes it. */
    public static CacheKey of(RequestHead request) {
        return of(request, request.target(), null);
    }

    /**
     * The key of a request that rules change.
     *
     * @param target the target in the key
     * @param parts additional parts of the key, null if there are none
     */
    public static CacheKey of(RequestHead request, Target target, @Nullable String parts) {
        return new CacheKey(request.isHead() ? "GET" : request.method(), target, request.contentDigest(), parts);
    }

    /** The key of the response to a GET of this target. */
    public static CacheKey ofGet(Target target) {
        return new CacheKey("GET", target);
    }

    /** A copy for another target with the same parts. */
    public CacheKey with(Target other) {
        return new CacheKey(method, other, contentDigest, parts);
    }

    /** The key of a GET with the same target and parts. */
    public CacheKey asGet() {
        return new CacheKey("GET", target, null, parts);
    }

    /**
     * The key in one unambiguous line: only the last part can contain a space, and only {@code parts} begins with +.
     */
    public String text() {
        StringBuilder text = new StringBuilder(method).append(' ');
        if (parts != null) {
            text.append('+')
                    .append(Base64.getUrlEncoder().encodeToString(bytes(parts)))
                    .append(' ');
        }
        if (contentDigest != null) {
            text.append(contentDigest).append(' ');
        }
        return text.append(target.url()).toString();
    }

    /**
     * 128 bits of the SHA-256 of {@link #text()}, in hex: the name of this key in stores with names of fixed length.
     */
    public String hash() {
        return hash(text());
    }

    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes(text));
            return HexFormat.of().formatHex(Arrays.copyOf(digest, 16));
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has SHA-256
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * UTF-8. For invalid Unicode, which UTF-8 would encode as {@code ?}: the code units after a byte that never occurs
     * in UTF-8.
     */
    private static byte[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (new String(utf8, StandardCharsets.UTF_8).equals(text)) {
            return utf8;
        }
        ByteBuffer units = ByteBuffer.allocate(1 + 2 * text.length()).put((byte) 0xff);
        units.asCharBuffer().put(text);
        return units.array();
    }

    /** The key without the query, which may contain secrets. */
    @Override
    public String toString() {
        return method + ' ' + target;
    }
}
