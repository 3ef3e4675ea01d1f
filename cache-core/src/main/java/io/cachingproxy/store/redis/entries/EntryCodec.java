package io.cachingproxy.store.redis.entries;

import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.ResponseCodec;
import io.cachingproxy.store.bytes.ByteReader;
import io.cachingproxy.store.bytes.ByteWriter;
import io.cachingproxy.store.bytes.Sealed;
import io.cachingproxy.store.redis.bodies.InlineBody;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.bodies.WindowedBody;
import io.cachingproxy.store.redis.channel.Stamps;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of a variant in an entry. Big-endian: magic and version, total length, id, stamp, body (inlined, or
 * length and checksums of its windows), the response in the form of {@link ResponseCodec}, and a CRC-32C of all
 * preceding bytes. Bytes that are damaged, of another form, version or key, or not valid HTTP decode to null.
 */
final class EntryCodec {
    /** {@code CPE} and the version of this form. */
    private static final int MAGIC = 'C' << 24 | 'P' << 16 | 'E' << 8 | 4;

    private static final int HELD = 0;
    private static final int APART = 1;

    private EntryCodec() {}

    /** Encodes a response whose body is {@code body}. */
    static byte[] encode(CacheKey key, StoredResponse response, SharedBody body) {
        ByteWriter out = Sealed.writer(MAGIC).text(body.id()).number8(body.stamp());
        body(out, body);
        return Sealed.bytes(out.raw(ByteBuffer.wrap(ResponseCodec.encode(key, response))));
    }

    /** The digest that identifies the variant with this selection in its entry: 32 characters. */
    static String digest(Selection selection) {
        ByteWriter out = new ByteWriter().texts(selection.names()).headers(selection.headers());
        return HexFormat.of().formatHex(sha256(out.bytes()), 0, 16);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has SHA-256
            throw new IllegalStateException(impossible);
        }
    }

    private static void body(ByteWriter out, SharedBody body) {
        if (body instanceof InlineBody held) {
            out.number4(HELD).number4(held.bytes().remaining()).raw(held.bytes());
        } else if (body instanceof WindowedBody apart) {
            out.number4(APART).number8(apart.length());
            for (int checksum : apart.checksums()) {
                out.number4(checksum);
            }
        }
    }

    /**
     * Decodes {@code bytes}; null if they are not exactly one response of {@code key}.
     *
     * @param id the id of the variant in the entry
     * @param readAt when it was read, by {@link System#nanoTime}
     * @param source of the body, if that is stored separately
     */
    static @Nullable StoredResponse decode(
            CacheKey key, String id, ByteBuffer bytes, long readAt, WindowedBody.Source source) {
        ByteReader in = Sealed.reader(MAGIC, bytes);
        if (in == null) {
            return null;
        }
        try {
            if (!in.text().equals(id)) {
                return null;
            }
            SharedBody body = body(in, id, in.number8(0, Stamps.MAX), readAt, source);
            return ResponseCodec.decode(key, in.raw(in.remaining()), body);
        } catch (ByteReader.Malformed e) {
            return null;
        }
    }

    private static SharedBody body(ByteReader in, String id, long stamp, long readAt, WindowedBody.Source source) {
        if (in.number4(HELD, APART) == HELD) {
            return new InlineBody(id, stamp, in.raw(in.count(1)), readAt);
        }
        long length = in.number8(0, in.remaining() / 4L * WindowedBody.WINDOW);
        int[] checksums = new int[WindowedBody.windows(length)];
        for (int i = 0; i < checksums.length; i++) {
            checksums[i] = in.number4(Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        return new WindowedBody(id, stamp, length, checksums, readAt, source);
    }
}
