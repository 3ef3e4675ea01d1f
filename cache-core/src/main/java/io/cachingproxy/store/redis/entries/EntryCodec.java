package io.cachingproxy.store.redis.entries;

import io.cachingproxy.http.Headers;
import io.cachingproxy.http.ResponseHead;
import io.cachingproxy.http.syntax.FieldValues;
import io.cachingproxy.key.CacheKey;
import io.cachingproxy.key.Selection;
import io.cachingproxy.policy.Freshness;
import io.cachingproxy.policy.Receipt;
import io.cachingproxy.policy.StaleUse;
import io.cachingproxy.policy.StoredResponse;
import io.cachingproxy.store.bytes.ByteReader;
import io.cachingproxy.store.bytes.ByteWriter;
import io.cachingproxy.store.redis.bodies.HeldBody;
import io.cachingproxy.store.redis.bodies.SharedBody;
import io.cachingproxy.store.redis.bodies.WindowedBody;
import io.cachingproxy.store.redis.channel.Stamps;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The form of a stored response in Redis. Big-endian: magic and version, the length of all of it, the id, the stamp, the
 * full key, status, headers, selection, freshness, tags, the body (itself, or length and checksums of its windows), and a CRC-32C of
 * everything before. What is of another form, another version, another key, damaged, or no HTTP is no response.
 */
final class EntryCodec {
    /** {@code CPE} and the version of this form. */
    private static final int MAGIC = 'C' << 24 | 'P' << 16 | 'E' << 8 | 3;

    private static final int HELD = 0;
    private static final int APART = 1;
    private static final long MAX_SECONDS = 1L << 36;

    private EntryCodec() {}

    /** The bytes of a response whose body is {@code body}. */
    static byte[] encode(CacheKey key, StoredResponse response, SharedBody body) {
        ByteWriter out = new ByteWriter();
        out.number4(MAGIC).number4(0).text(body.id()).number8(body.stamp()).text(key.text());
        out.number4(response.head().status());
        headers(out, response.head().headers());
        Selection selection = response.selection();
        out.number4(selection.names().size());
        selection.names().forEach(out::text);
        headers(out, selection.headers());
        out.text(selection.language() == null ? "" : selection.language());
        freshness(out, response.freshness());
        tags(out, response.tags());
        body(out, body);
        out.number4At(4, out.length() + 4);
        return out.number4(out.checksum()).bytes();
    }

    /** The digest by which the variant with this selection is found in its entry: 32 characters. */
    static String digest(Selection selection) {
        ByteWriter out = new ByteWriter().number4(selection.names().size());
        selection.names().forEach(out::text);
        headers(out, selection.headers());
        return HexFormat.of().formatHex(sha256(out.bytes()), 0, 16);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) { // every Java platform has SHA-256
            throw new IllegalStateException(impossible);
        }
    }

    private static void headers(ByteWriter out, Headers headers) {
        out.number4(headers.size());
        for (int i = 0; i < headers.size(); i++) {
            out.text(headers.name(i)).text(headers.value(i));
        }
    }

    private static void freshness(ByteWriter out, Freshness freshness) {
        Receipt receipt = freshness.receipt();
        out.number8(receipt.at().getEpochSecond()).number4(receipt.at().getNano());
        for (Duration duration : List.of(
                receipt.age(),
                receipt.staleAt(),
                freshness.lifetime(),
                freshness.stale().whileRevalidating(),
                freshness.stale().ifError())) {
            out.number8(duration.getSeconds()).number4(duration.getNano());
        }
        out.flag(receipt.get())
                .flag(receipt.authorization())
                .flag(receipt.cookie())
                .flag(freshness.explicit())
                .flag(freshness.noCache())
                .flag(freshness.immutable())
                .flag(freshness.stale().mustRevalidate())
                .number8(freshness.terms());
    }

    private static void tags(ByteWriter out, Set<String> tags) {
        out.number4(tags.size());
        tags.forEach(out::text);
    }

    private static void body(ByteWriter out, SharedBody body) {
        if (body instanceof HeldBody held) {
            out.number4(HELD).number4(held.bytes().remaining()).raw(held.bytes());
        } else if (body instanceof WindowedBody apart) {
            out.number4(APART).number8(apart.length());
            for (int checksum : apart.checksums()) {
                out.number4(checksum);
            }
        }
    }

    /**
     * The response in {@code bytes}, or null if they are not exactly one of {@code key}.
     *
     * @param id under which it was found
     * @param readAt when it was read, by {@link System#nanoTime}
     * @param source of the body, if that is apart
     */
    static @Nullable StoredResponse decode(
            CacheKey key, String id, ByteBuffer bytes, long readAt, WindowedBody.Source source) {
        if (!isSound(bytes)) {
            return null;
        }
        try {
            ByteReader in = new ByteReader(bytes.slice(bytes.position() + 8, bytes.remaining() - 12));
            boolean isOfId = in.text().equals(id);
            long stamp = in.number8(0, Stamps.MAX);
            if (!isOfId || !in.text().equals(key.text())) {
                return null;
            }
            ResponseHead head = new ResponseHead(in.number4(100, 999), headers(in));
            Selection selection = new Selection(names(in), headers(in), language(in));
            Freshness freshness = freshness(in);
            Set<String> tags = tags(in);
            StoredResponse response =
                    new StoredResponse(head, selection, freshness, body(in, id, stamp, readAt, source), tags);
            return in.isAtEnd() ? response : null;
        } catch (ByteReader.Malformed e) {
            return null;
        }
    }

    private static boolean isSound(ByteBuffer bytes) {
        int length = bytes.remaining();
        int start = bytes.position();
        if (length < 12 || bytes.getInt(start) != MAGIC || bytes.getInt(start + 4) != length) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(start, length - 4));
        return (int) crc.getValue() == bytes.getInt(start + length - 4);
    }

    /** Whoever wrote these bytes, no line end gets out of them. */
    private static Headers headers(ByteReader in) {
        Headers.Builder headers = Headers.builder();
        for (int left = in.count(8); left > 0; left--) {
            String name = in.text();
            String value = in.text();
            if (!FieldValues.isToken(name) || !isFieldValue(value)) {
                throw new ByteReader.Malformed();
            }
            headers.add(name, value);
        }
        return headers.build();
    }

    private static boolean isFieldValue(String value) {
        return value.indexOf('\r') < 0 && value.indexOf('\n') < 0 && value.indexOf('\0') < 0;
    }

    private static @Nullable String language(ByteReader in) {
        String language = in.text();
        return language.isEmpty() ? null : language;
    }

    private static List<String> names(ByteReader in) {
        List<String> names = new ArrayList<>();
        for (int left = in.count(4); left > 0; left--) {
            names.add(in.text());
        }
        return List.copyOf(names);
    }

    private static Freshness freshness(ByteReader in) {
        Instant receivedAt = Instant.ofEpochSecond(in.number8(0, MAX_SECONDS), in.number4(0, 999_999_999));
        Duration age = duration(in);
        Duration staleAt = duration(in);
        Duration lifetime = duration(in);
        Duration whileRevalidating = duration(in);
        Duration ifError = duration(in);
        Receipt receipt = new Receipt(receivedAt, age, staleAt, in.flag(), in.flag(), in.flag());
        boolean explicit = in.flag();
        boolean noCache = in.flag();
        boolean immutable = in.flag();
        StaleUse stale = new StaleUse(in.flag(), whileRevalidating, ifError);
        return new Freshness(
                receipt, lifetime, explicit, noCache, immutable, stale, in.number8(Long.MIN_VALUE, Long.MAX_VALUE));
    }

    private static Set<String> tags(ByteReader in) {
        Set<String> tags = new TreeSet<>();
        for (int left = in.count(4); left > 0; left--) {
            tags.add(in.text());
        }
        return tags.isEmpty() ? Set.of() : tags;
    }

    private static Duration duration(ByteReader in) {
        return Duration.ofSeconds(in.number8(-MAX_SECONDS, MAX_SECONDS), in.number4(0, 999_999_999));
    }

    private static SharedBody body(ByteReader in, String id, long stamp, long readAt, WindowedBody.Source source) {
        if (in.number4(HELD, APART) == HELD) {
            return new HeldBody(id, stamp, in.raw(in.count(1)), readAt);
        }
        long length = in.number8(0, in.remaining() / 4L * WindowedBody.WINDOW);
        int[] checksums = new int[WindowedBody.windows(length)];
        for (int i = 0; i < checksums.length; i++) {
            checksums[i] = in.number4(Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        return new WindowedBody(id, stamp, length, checksums, readAt, source);
    }
}
